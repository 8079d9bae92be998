"""One timer for all streams: each gets its events once an interval, spread evenly over it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from itertools import count
from typing import Protocol

#: Into how many equal parts an interval is cut; the streams are dealt out over them.
SLOTS = 100


class Emitter(Protocol):
    """What the ticker calls."""

    def emit(self) -> None:
        """Send one event now."""


@dataclass(frozen=True)
class Pace:
    """How events come: `burst` of them once in `interval_s`, `spacing_slots` hundredths of it apart; none at 0 s."""

    interval_s: float = 0.0
    burst: int = 1
    spacing_slots: int = 0


@dataclass
class Ticker:
    """Calls each emitter by `pace`."""

    pace: Pace = Pace()
    slots: list[dict[Emitter, None]] = field(default_factory=lambda: [{} for _ in range(SLOTS)])
    _numbers: count[int] = field(default_factory=count)
    _timer: asyncio.TimerHandle | None = None
    _slot: int = 0
    _due: float = 0.0

    def add(self, emitter: Emitter) -> dict[Emitter, None]:
        """Take `emitter` in; the slot that is returned is where to delete it again."""
        slot = self.slots[next(self._numbers) % SLOTS]
        slot[emitter] = None
        return slot

    def set_pace(self, pace: Pace) -> None:
        """From now on emit by `pace`."""
        self.pace = pace
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if pace.interval_s > 0:
            self._due = asyncio.get_running_loop().time()
            self._tick()

    def tick_once(self) -> None:
        """One event for every stream, now."""
        for slot in self.slots:
            for emitter in list(slot):
                emitter.emit()

    def _tick(self) -> None:
        for number in range(self.pace.burst):
            for emitter in list(self.slots[(self._slot - number * self.pace.spacing_slots) % SLOTS]):
                emitter.emit()
        self._slot = (self._slot + 1) % SLOTS
        self._due += self.pace.interval_s / SLOTS
        self._timer = asyncio.get_running_loop().call_at(self._due, self._tick)
