"""Cut inside a UTF-8 character: the last byte that comes is no text."""

from __future__ import annotations

import re

from pulsegate.harness.chaos.effects import ENDS
from pulsegate.harness.chaos.event_fault import EventFault, Instead
from pulsegate.harness.chaos.faults.cut_in_field import middle_of_data
from pulsegate.harness.chaos.units import Unit

_BEGINS_CHARACTER = re.compile(rb"[\xc2-\xf4](?=[\x80-\xbf])")


class CutInCharacter(EventFault):
    """Cuts behind the first byte of a character of several bytes in the next event.

    An event of ASCII gets the first byte of one in the middle of its data: it is never whole, so that nobody sees
    what it would have said.
    """

    name = "cut-in-character"
    did = "cut inside a character"
    causes = ENDS

    def event(self, unit: Unit) -> Instead:
        """Up to the first byte of a character, then the end."""
        if not unit.event:
            return Instead(unit.raw)
        if match := _BEGINS_CHARACTER.search(unit.raw):
            return Instead(unit.raw[: match.end()], cuts=True)
        return Instead(unit.raw[: middle_of_data(unit)] + b"\xc3", cuts=True)
