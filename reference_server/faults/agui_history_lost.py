"""The agent knows nothing but the last message of the input."""

from __future__ import annotations

from pulsegate.reference_server.agui.inputs import RunInput
from pulsegate.reference_server.tampering import Seams

BREAKS = ("AGUI-14",)


def plant(seams: Seams) -> None:
    """Pass on the last message only."""
    seams.replace(RunInput, "history", lambda _: property(lambda asked: []))
