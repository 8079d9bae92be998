"""The arguments of tool calls are written as Python does, with single quotes."""

from __future__ import annotations

from pulsegate.reference_server.agui import runs
from pulsegate.reference_server.tampering import Seams

BREAKS = ("AGUI-5",)


def plant(seams: Seams) -> None:
    """Use str() for json.dumps()."""
    seams.replace(runs, "to_json", lambda _: str)
