"""Cut between CR and LF: the blank line that ends an event has come, and half of its line end has not."""

from __future__ import annotations

from pulsegate.harness.chaos.effects import ENDS
from pulsegate.harness.chaos.event_fault import EventFault, Instead
from pulsegate.harness.chaos.units import Unit


class CutInLineEnd(EventFault):
    """Cuts behind the CR of the blank line, which ends the event (WHATWG HTML 9.2.5): a client must have it.

    Where the target ends lines with LF, this one event's end is written with CR and LF, which means the same.
    A WebSocket has no lines, and is left alone.
    """

    name = "cut-in-line-end"
    did = "cut between CR and LF"
    causes = ENDS

    def event(self, unit: Unit) -> Instead:
        """All of it but the last LF, then the end."""
        if not unit.event or unit.socket:
            return Instead(unit.raw)
        return Instead(unit.raw.rstrip(b"\r\n") + b"\r\n\r", cuts=True)
