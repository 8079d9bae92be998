"""Cut inside a field: the client is left with the beginning of an event, which it must throw away."""

from __future__ import annotations

import re

from pulsegate.harness.chaos.effects import ENDS
from pulsegate.harness.chaos.event_fault import EventFault, Instead
from pulsegate.harness.chaos.framing import frame_head_size
from pulsegate.harness.chaos.units import Unit

_DATA = re.compile(rb"(?:^|[\r\n])data: ?([^\r\n]*)")


def middle_of_data(unit: Unit) -> int:
    """Where half of the first data field, or of a frame's payload, is over; at least one byte of it stays behind."""
    if unit.socket:
        begin = frame_head_size(unit.raw)
        return begin + (len(unit.raw) - begin) // 2
    match = _DATA.search(unit.raw)
    return (match.start(1) + match.end(1)) // 2 if match else len(unit.raw)


class CutInField(EventFault):
    """Cuts in the middle of the next event's data."""

    name = "cut-in-field"
    did = "cut inside a field"
    causes = ENDS

    def event(self, unit: Unit) -> Instead:
        """Half of it, then the end."""
        if not unit.event:
            return Instead(unit.raw)
        return Instead(unit.raw[: middle_of_data(unit)], cuts=True)
