"""searchEvents answers a count of null where it finds nothing."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("RUN-4",)


def plant(seams: Seams) -> None:
    """Take the count from a sum over no rows."""

    def summed(value: Any, _: Answer) -> Any:
        if (value.get("data") or {}).get("count") == 0:
            value["data"]["count"] = None
        return value

    seams.answers("run", summed)
