"""What a reader has received, given out once each and in order to whoever awaits it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from pulsegate.harness.clients.waiting import Changes
from pulsegate.harness.errors import PeerError, TimedOut

T = TypeVar("T")


class Source(Protocol):
    """The reading half of a conversation."""

    changes: Changes

    def error(self) -> PeerError:
        """What to raise to whoever awaits more when nothing more can come."""

    def say(self, what: str) -> str:
        """`what` happened where, without secrets."""


class Inbox(Generic[T]):
    """The `received` of a reader, which adds to them, and how many of them have been taken.

    `kind` is what they are called in sentences; `over` says whether nothing more can come.
    """

    def __init__(self, received: list[T], reader: Source, kind: str, over: Callable[[], bool]) -> None:
        self._received = received
        self._reader = reader
        self._kind = kind
        self._over = over
        self._taken = 0

    async def take(self, timeout_s: float) -> T:
        """The next one. Raises TimedOut, or the reader's error at the end."""
        if not await self._reader.changes.until(lambda: self._waiting or self._over(), timeout_s):
            seen = len(self._received)
            raise TimedOut(self._reader.say(f"no further {self._kind} within {timeout_s:g} s ({seen} so far)"))
        if not self._waiting:
            raise self._reader.error()
        self._taken += 1
        return self._received[self._taken - 1]

    async def take_until(self, predicate: Callable[[T], bool], timeout_s: float) -> list[T]:
        """The next ones up to the first for which `predicate` holds. Raises as `take` does."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_s
        taken: list[T] = []
        while not taken or not predicate(taken[-1]):
            try:
                taken.append(await self.take(max(0.0, deadline - loop.time())))
            except TimedOut:
                told = f"the awaited {self._kind} did not come within {timeout_s:g} s ({len(taken)} others did)"
                raise TimedOut(self._reader.say(told)) from None
        return taken

    async def take_for(self, seconds: float) -> list[T]:
        """Those of the next `seconds`, those waiting included; less when it ends before."""
        await self.until_over(seconds)
        return self.take_waiting()

    async def until_over(self, timeout_s: float) -> bool:
        """Wait until nothing more can come; False when that takes longer."""
        return await self._reader.changes.until(self._over, timeout_s)

    def take_waiting(self) -> list[T]:
        """Those that have come and were not taken yet."""
        taken = self._received[self._taken :]
        self._taken += len(taken)
        return taken

    @property
    def _waiting(self) -> bool:
        return self._taken < len(self._received)
