"""The number of a connection that has ended is given to the next one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pulsegate.reference_server.rooms import Member, Rooms
from pulsegate.reference_server.routers import ws
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-1",)


def plant(seams: Seams) -> None:
    """Give each connection the smallest free number."""
    taken: set[str] = set()

    def numbered(original: Any) -> Any:
        def make(session_id: str, agent_id: str | None) -> Member:
            number = next(text for count in range(1, len(taken) + 2) if (text := f"c{count}") not in taken)
            taken.add(number)
            member: Member = original(session_id, agent_id, number)
            return member

        return make

    def released(original: Any) -> Any:
        @contextmanager
        def joined(self: Rooms, member: Member) -> Iterator[None]:
            try:
                with original(self, member):
                    yield
            finally:
                taken.discard(member.connection_id)

        return joined

    seams.replace(ws, "Member", numbered)
    seams.replace(Rooms, "joined", released)
