"""`pulsegate schema`: the JSON Schema of the run record."""

from __future__ import annotations


def schema() -> None:
    """Print the JSON Schema of the run record.

    [bold]Example[/bold]

      pulsegate schema > run-record.schema.json
    """
    import json

    from pulsegate.harness.record import json_schema

    print(json.dumps(json_schema(), indent=1))
