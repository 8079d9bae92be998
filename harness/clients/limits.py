"""Keeping under the target's rate limit: 429 and Retry-After, for all callers of a session together."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from pulsegate.harness.clients.headers import Headers
from pulsegate.harness.clients.request import Request
from pulsegate.harness.timing.reconnect import asked_pause_s

#: A 429 is tried again this often, then it is the answer.
MOST_RETRIES = 5
#: No single pause is longer, whatever Retry-After says (seconds).
LONGEST_PAUSE_S = 60.0

Sleep = Callable[[float], Awaitable[None]]
Clock = Callable[[], float]


def retry_after_s(headers: Headers, attempt: int, now: float) -> float:
    """How long to pause after the 429 that answered attempt number `attempt` (from 0).

    Retry-After is seconds or an HTTP date (RFC 9110, 10.2.3); without a usable one 1 s, 2 s, 4 s and
    so on. `now` is seconds since the epoch. Never negative.
    """
    asked_s = asked_pause_s(headers.get("retry-after") or "", now)
    return min(2.0**attempt, LONGEST_PAUSE_S) if asked_s is None else asked_s


class RateLimits:
    """The pauses of one session, one per host and identity, shared by all its clients.

    `sleep` and `clock` (seconds since the epoch) are given by tests.
    """

    def __init__(self, *, sleep: Sleep = asyncio.sleep, clock: Clock = time.time) -> None:
        self._sleep = sleep
        self._clock = clock
        self._until: dict[tuple[str, str], float] = {}
        self._hopeless: set[tuple[str, str]] = set()

    async def wait(self, request: Request) -> None:
        """Wait until no pause holds for the host and the identity of `request`."""
        key = _key(request)
        while (left := self._until.get(key, 0.0) - self._clock()) > 0:
            await self._sleep(left)

    def refused(self, request: Request, headers: Headers, attempt: int) -> bool:
        """Note a 429 with these `headers`; True when the request is to be tried again.

        Not where Retry-After asks for more than all retries together would wait, nor, once one request was
        tried in vain MOST_RETRIES times, for any other until one of the same host and identity is `admitted`.
        """
        key = _key(request)
        now = self._clock()
        pause_s = retry_after_s(headers, attempt, now)
        if attempt >= MOST_RETRIES or pause_s > MOST_RETRIES * LONGEST_PAUSE_S:
            self._hopeless.add(key)
        if key in self._hopeless:
            return False
        self._until[key] = max(now + min(pause_s, LONGEST_PAUSE_S), self._until.get(key, 0.0))
        return True

    def admitted(self, request: Request) -> None:
        """Note that `request` was answered with something else than a 429."""
        self._hopeless.discard(_key(request))


def _key(request: Request) -> tuple[str, str]:
    identity = request.header("authorization") or request.header("cookie") or ""
    return urlsplit(request.url).netloc, identity
