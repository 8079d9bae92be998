"""Repeat an id: an event comes a second time, with the id it had."""

from __future__ import annotations

from pulsegate.harness.chaos.effects import REPEATS
from pulsegate.harness.chaos.event_fault import EventFault, Instead
from pulsegate.harness.chaos.units import Unit


class RepeatId(EventFault):
    """Sends the next event that is no heartbeat twice, as a server does that resumes one event too early."""

    name = "repeat-id"
    did = "given an event twice"
    causes = REPEATS

    def event(self, unit: Unit) -> Instead:
        """The event, and the event again."""
        if unit.beat or not unit.event:
            return Instead(unit.raw)
        return Instead(unit.raw * 2, done=True)
