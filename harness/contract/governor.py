"""Staying under the request rate that the profile states, instead of running into it."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict, deque
from urllib.parse import urlsplit

from pulsegate.harness.clients.limits import Clock, RateLimits, Sleep
from pulsegate.harness.clients.request import Request

#: Share of the stated rate that is used, so that clocks that disagree do not matter.
SHARE = 0.9
WINDOW_S = 60.0


class Governor(RateLimits):
    """Pauses after a 429 as RateLimits does, and before the stated rate is reached.

    `requests_per_min` holds for each host and identity; None is no limit. What is sent without
    obeying limits is not counted.
    """

    def __init__(self, requests_per_min: int | None, *, sleep: Sleep = asyncio.sleep, clock: Clock = time.time) -> None:
        super().__init__(sleep=sleep, clock=clock)
        self._most = None if requests_per_min is None else max(1, int(requests_per_min * SHARE))
        self._starts: defaultdict[tuple[str, str], deque[float]] = defaultdict(deque)
        self._pause = sleep
        self._now = clock

    async def wait(self, request: Request) -> None:
        """Wait until `request` may be sent, and count it."""
        await super().wait(request)
        if self._most is None:
            return
        starts = self._starts[_identity(request)]
        while True:
            now = self._now()
            while starts and now - starts[0] >= WINDOW_S:
                starts.popleft()
            if len(starts) < self._most:
                starts.append(now)
                return
            await self._pause(starts[0] + WINDOW_S - now)


def _identity(request: Request) -> tuple[str, str]:
    return urlsplit(request.url).netloc, request.header("authorization") or request.header("cookie") or ""
