"""Who is connected to which session, and what is on its way to them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from pulsegate.reference_server.json_text import to_json

MAX_WAITING = 1000
MAX_WAITING_CHARACTERS = 8 * 1024 * 1024

GOING_DOWN = (1012, "the server is restarting")
TOO_SLOW = (1013, "this client reads too slowly")
MISSED = (1013, "messages may have been lost: connect again")


@dataclass(frozen=True)
class Parcel:
    """One outgoing message, serialised once however many connections it goes to."""

    message: Mapping[str, Any]
    text: str


class Outbox:
    """What waits to be sent to one connection, in order and bounded; then the reason to close, if any."""

    def __init__(self) -> None:
        self._parcels: deque[Parcel] = deque()
        self._characters = 0
        self._changed = asyncio.Event()
        self.closing: tuple[int, str] | None = None

    def put(self, parcel: Parcel) -> None:
        """Add a message; a connection that lets too much pile up is closed instead."""
        if self.closing is not None:
            return
        self._parcels.append(parcel)
        self._characters += len(parcel.text)
        if len(self._parcels) > MAX_WAITING or self._characters > MAX_WAITING_CHARACTERS:
            self._parcels.clear()
            self.close(*TOO_SLOW)
        self._changed.set()

    def close(self, code: int, reason: str) -> None:
        """Close the connection once what waits has been sent."""
        if self.closing is None:
            self.closing = (code, reason)
        self._changed.set()

    async def get(self) -> Parcel | None:
        """The next message, or None when there will be none."""
        while not self._parcels:
            if self.closing is not None:
                return None
            self._changed.clear()
            await self._changed.wait()
        parcel = self._parcels.popleft()
        self._characters -= len(parcel.text)
        return parcel


@dataclass(eq=False)
class Member:
    """One connection of a session; `agent_id` is the name it chose to be addressed by, if any."""

    session_id: str
    agent_id: str | None
    connection_id: str = field(default_factory=lambda: str(uuid4()))
    outbox: Outbox = field(default_factory=Outbox)

    @property
    def name(self) -> str:
        """What its messages carry as ``source``."""
        return self.agent_id or self.connection_id

    def answers_to(self, target: str) -> bool:
        """Whether `target` addresses this connection."""
        return target in (self.agent_id, self.connection_id)


class Rooms:
    """The members of every session."""

    def __init__(self) -> None:
        self._rooms: dict[str, set[Member]] = {}

    @contextmanager
    def joined(self, member: Member) -> Iterator[None]:
        """Keep `member` in its session's room."""
        room = self._rooms.setdefault(member.session_id, set())
        room.add(member)
        try:
            yield
        finally:
            room.discard(member)
            if not room:
                self._rooms.pop(member.session_id, None)

    def others(self, member: Member) -> list[Member]:
        """Everyone else in the member's session."""
        return [other for other in self._room(member) if other is not member]

    def addressed(self, member: Member, target: str) -> list[Member]:
        """Everyone in the member's session whom `target` addresses, itself included."""
        return [other for other in self._room(member) if other.answers_to(target)]

    def members(self, session_id: str) -> list[Member]:
        """Everyone in a session."""
        return list(self._rooms.get(session_id, ()))

    def everyone(self) -> list[Member]:
        """The members of all sessions."""
        return [member for room in self._rooms.values() for member in room]

    def close_all(self) -> None:
        """Close every connection because the server goes down."""
        for room in tuple(self._rooms.values()):
            for member in room:
                member.outbox.close(*GOING_DOWN)

    def _room(self, member: Member) -> set[Member]:
        return self._rooms.get(member.session_id, set())


def deliver(message: Mapping[str, Any], members: Iterable[Member]) -> None:
    """Put one message into the outbox of each of `members`."""
    parcel = Parcel(message, to_json(message))
    for member in members:
        member.outbox.put(parcel)
