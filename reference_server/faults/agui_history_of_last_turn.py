"""The agent knows the last turn of the input only."""

from __future__ import annotations

from pulsegate.reference_server.agui.inputs import RunInput
from pulsegate.reference_server.tampering import Seams

BREAKS = ("AGUI-14",)


def plant(seams: Seams) -> None:
    """Keep a window of two messages."""
    seams.replace(RunInput, "history", lambda usual: property(lambda asked: usual.fget(asked)[-2:]))
