"""Bandwidth: the way from the target takes only so many bytes a second."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

from pulsegate.harness.chaos.effects import SILENCES
from pulsegate.harness.chaos.fault import Fault
from pulsegate.harness.chaos.link import Link
from pulsegate.harness.chaos.parameters import MAY_LAST, Parameter, size

#: How often a slice is sent, in seconds.
_TURN_S = 0.02


class Bandwidth(Fault):
    """Sends RATE bytes a second in slices; while a slice waits, the target's next bytes are left in its socket."""

    name = "bandwidth"
    did = "narrowed"
    causes = SILENCES
    goes_on = True
    parameters = (Parameter("rate", "RATE", size), MAY_LAST)
    spreads = True

    def __init__(self, arguments: Mapping[str, float], dice: Random, happened: Callable[[], None]) -> None:
        super().__init__(arguments, dice, happened)
        self._waiting = b""
        self._allowed = 0.0
        self._sending = False

    def begin(self, link: Link) -> None:
        """It is in force at once."""
        self.happened()

    def received(self, link: Link, data: bytes) -> None:
        """Send what is allowed now, and the rest slice by slice."""
        self._waiting += data
        link.down.pause()
        if not self._sending:
            self._sending = True
            self._turn(link)

    def _turn(self, link: Link) -> None:
        if not self._sending:
            return
        self._allowed = min(self._allowed, 0.0) + self.arguments["rate"] * _TURN_S
        now = max(1, int(self._allowed)) if self._allowed > 0 else 0
        if now:
            data, self._waiting = self._waiting[:now], self._waiting[now:]
            self._allowed -= max(1.0, float(len(data)))
            link.forward(data)
        if link.over:
            return
        if not self._waiting:
            link.down.resume()
            self._sending = self._allowed < 0
        if self._sending or self._waiting:
            link.later(_TURN_S, lambda: self._turn(link))

    def end(self, link: Link) -> None:
        """What waits comes now."""
        self._sending = False
        if self._waiting:
            link.forward(self._waiting)
            self._waiting = b""
        link.down.resume()
        link.free()
