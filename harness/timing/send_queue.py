"""What waits to be sent while there is no connection: bounded, in order, each message once."""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

#: The documented size.
MOST_WAITING = 100

T = TypeVar("T")


class SendQueue(Generic[T]):
    """Messages to be sent after the next connection.

    When it is full the oldest gives way to the newest, because what is queued are states, and an old state
    is worth least. It is handed back and counted: nothing disappears unsaid.
    """

    __slots__ = ("_limit", "_waiting", "dropped")

    def __init__(self, limit: int = MOST_WAITING) -> None:
        self._limit = limit
        self._waiting: deque[T] = deque()
        #: How many messages gave way.
        self.dropped = 0

    def put(self, message: T) -> T | None:
        """Let `message` wait; the message that gave way for it, if one did."""
        self._waiting.append(message)
        if len(self._waiting) <= self._limit:
            return None
        self.dropped += 1
        return self._waiting.popleft()

    def take(self) -> T | None:
        """The next message, which waits no longer: send it, and it was sent once. None when nothing waits."""
        return self._waiting.popleft() if self._waiting else None

    def put_back(self, message: T) -> None:
        """`message`, just taken, has certainly not left: it is the next one again."""
        self._waiting.appendleft(message)

    def __len__(self) -> int:
        return len(self._waiting)
