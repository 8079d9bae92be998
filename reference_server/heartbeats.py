"""One ticker for all streams: those that began in the same few milliseconds beat together, on one timer."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime

SLOT_S = 0.005

#: What is called at each beat, with its timestamp.
Strike = Callable[[str], None]


def rfc3339_now() -> str:
    """The time now as RFC 3339 with offset, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class Phase:
    """The streams that beat together, each with the slot of its first beat; `slot` is that of the next one.

    Slots are counted on the loop's clock.
    """

    def __init__(self, slot: int) -> None:
        self.slot = slot
        self.first: dict[Strike, int] = {}

    def leave(self, strike: Strike) -> None:
        """Call `strike` no more."""
        del self.first[strike]

    def strike(self) -> None:
        """Let each beat, with one timestamp."""
        timestamp = rfc3339_now()
        for strike, first in tuple(self.first.items()):
            if first <= self.slot:
                strike(timestamp)


class Heartbeats:
    """Beats at a fixed interval for any number of streams: without drift, and one that was missed is left out."""

    def __init__(self, interval_s: float) -> None:
        self.interval_s = interval_s
        self._phases: dict[int, Phase] = {}

    def join(self, strike: Strike) -> Phase:
        """Call `strike` every interval from now on, until it leaves the phase."""
        slot = math.ceil(self._now()) + self._slots
        phase = self._phase(slot)
        phase.first[strike] = slot
        return phase

    async def timestamps(self) -> AsyncGenerator[str, None]:
        """A timestamp every interval from now on; the latest, when several passed unread."""
        latest: list[str] = []
        struck = asyncio.Event()

        def strike(timestamp: str) -> None:
            latest[:] = [timestamp]
            struck.set()

        phase = self.join(strike)
        try:
            while True:
                await struck.wait()
                struck.clear()
                yield latest[0]
        finally:
            phase.leave(strike)

    @property
    def _slots(self) -> int:
        """How many slots an interval has."""
        return math.ceil(self.interval_s / SLOT_S)

    def _now(self) -> float:
        """The loop's time, in slots."""
        return asyncio.get_running_loop().time() * self._slots / self.interval_s

    def _phase(self, slot: int) -> Phase:
        """The phase whose beats fall into `slot` and every interval from there."""
        key = slot % self._slots
        if key not in self._phases:
            self._phases[key] = Phase(slot)
            self._await_beat(key)
        return self._phases[key]

    def _await_beat(self, key: int) -> None:
        due_s = self._phases[key].slot * self.interval_s / self._slots
        asyncio.get_running_loop().call_at(due_s, self._beat, key)

    def _beat(self, key: int) -> None:
        phase = self._phases[key]
        if not phase.first:
            del self._phases[key]
            return
        phase.strike()
        passed = math.ceil((self._now() - phase.slot) / self._slots)
        phase.slot += max(1, passed) * self._slots
        self._await_beat(key)
