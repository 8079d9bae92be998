"""Latency: what the target sends comes later, by a time that may vary, and still in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from random import Random

from pulsegate.harness.chaos.effects import SILENCES
from pulsegate.harness.chaos.fault import Fault
from pulsegate.harness.chaos.link import MOST_WAITING, Link
from pulsegate.harness.chaos.parameters import MAY_LAST, Parameter, positive_time_s, time_s


class Latency(Fault):
    """Each read waits DELAY, and up to JITTER more; one that was held up holds up those behind it."""

    name = "latency"
    did = "slowed down"
    causes = SILENCES
    goes_on = True
    parameters = (
        Parameter("delay_s", "DELAY", positive_time_s),
        Parameter("jitter_s", "JITTER", time_s, 0.0, needed=False),
        MAY_LAST,
    )
    spreads = True

    def __init__(self, arguments: Mapping[str, float], dice: Random, happened: Callable[[], None]) -> None:
        super().__init__(arguments, dice, happened)
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._target_ended = False

    def begin(self, link: Link) -> None:
        """It is in force at once."""
        self.happened()

    def received(self, link: Link, data: bytes) -> None:
        """Put it behind what waits; a read that is due before those ahead of it goes with the last of them."""
        self._waiting.append(data)
        self._size += len(data)
        if self._size > MOST_WAITING:
            link.down.pause()
        link.later(
            self.arguments["delay_s"] + self.dice.uniform(0.0, self.arguments["jitter_s"]), lambda: self._due(link)
        )

    def _due(self, link: Link) -> None:
        if self._waiting:
            self._pass_one(link)
        if self._target_ended and not self._waiting:
            self._finish(link)

    def _pass_one(self, link: Link) -> None:
        data = self._waiting.popleft()
        self._size -= len(data)
        link.forward(data)
        if self._size <= MOST_WAITING:
            link.down.resume()

    def _finish(self, link: Link) -> None:
        link.free()
        link.pass_end()

    def target_ended(self, link: Link) -> None:
        """The end is not earlier than what was sent before it."""
        self._target_ended = True
        if not self._waiting:
            self._finish(link)

    def end(self, link: Link) -> None:
        """What waits comes now."""
        while self._waiting and not link.over:
            self._pass_one(link)
        if self._target_ended:
            self._finish(link)
        else:
            link.free()
