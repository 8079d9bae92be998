"""An agent message also reaches the agents of that name in other sessions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pulsegate.reference_server.rooms import Member, Rooms
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-4",)


def plant(seams: Seams) -> None:
    """Keep one index of names for all sessions."""
    everybody: set[Member] = set()

    def indexed(original: Any) -> Any:
        @contextmanager
        def joined(self: Rooms, member: Member) -> Iterator[None]:
            everybody.add(member)
            try:
                with original(self, member):
                    yield
            finally:
                everybody.discard(member)

        return joined

    def found(_: Any) -> Any:
        return lambda _rooms, _member, target: [one for one in everybody if one.answers_to(target)]

    seams.replace(Rooms, "joined", indexed)
    seams.replace(Rooms, "addressed", found)
