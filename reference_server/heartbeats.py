"""One ticker for all streams: those whose beat is due in the same few milliseconds share one timer."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator
from datetime import UTC, datetime

SLOT_S = 0.005


def rfc3339_now() -> str:
    """The time now as RFC 3339 with offset, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class Beat:
    """One moment of the ticker; `timestamp` is set when it strikes."""

    def __init__(self) -> None:
        self.timestamp = ""
        self.struck = asyncio.Event()

    def strike(self) -> None:
        """Wake everyone who waits for this moment."""
        self.timestamp = rfc3339_now()
        self.struck.set()


class Heartbeats:
    """Beats at a fixed interval for any number of streams, each in its own phase."""

    def __init__(self, interval_s: float) -> None:
        self.interval_s = interval_s
        self._beats: dict[int, Beat] = {}

    async def timestamps(self) -> AsyncGenerator[str, None]:
        """A timestamp every interval from now on; without drift, and a beat that was missed is left out."""
        now = asyncio.get_running_loop().time
        start, count = now(), 0
        while True:
            count = max(count, int((now() - start) / self.interval_s)) + 1
            beat = self._beat(start + count * self.interval_s)
            await beat.struck.wait()
            yield beat.timestamp

    def _beat(self, due: float) -> Beat:
        slot = math.ceil(due / SLOT_S)
        if slot not in self._beats:
            self._beats[slot] = Beat()
            asyncio.get_running_loop().call_at(slot * SLOT_S, self._strike, slot)
        return self._beats[slot]

    def _strike(self, slot: int) -> None:
        self._beats.pop(slot).strike()
