"""Cut after event k: the connection ends between two events."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

from pulsegate.harness.chaos.effects import ENDS
from pulsegate.harness.chaos.event_fault import EventFault, Instead
from pulsegate.harness.chaos.parameters import Parameter, count
from pulsegate.harness.chaos.units import Unit


class CutAfter(EventFault):
    """Lets EVENTS whole events pass, then cuts."""

    name = "cut-after"
    did = "cut behind an event"
    causes = ENDS
    parameters = (Parameter("events", "EVENTS", count),)

    def __init__(self, arguments: Mapping[str, float], dice: Random, happened: Callable[[], None]) -> None:
        super().__init__(arguments, dice, happened)
        self._passed = 0

    def event(self, unit: Unit) -> Instead:
        """Count it."""
        self._passed += unit.event
        return Instead(unit.raw, cuts=self._passed == self.arguments["events"])
