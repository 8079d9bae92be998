"""A client that has left stays a known target: messages to it vanish without an error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pulsegate.reference_server.rooms import Member, Rooms
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-4",)


def plant(seams: Seams) -> None:
    """Never take connections out of the index of targets."""
    index: dict[tuple[str, str], Member] = {}

    def indexed(original: Any) -> Any:
        @contextmanager
        def joined(self: Rooms, member: Member) -> Iterator[None]:
            index[(member.session_id, member.connection_id)] = member
            with original(self, member):
                yield

        return joined

    def found(original: Any) -> Any:
        def addressed(self: Rooms, member: Member, target: str) -> list[Member]:
            known = index.get((member.session_id, target))
            return original(self, member, target) or ([known] if known else [])

        return addressed

    seams.replace(Rooms, "joined", indexed)
    seams.replace(Rooms, "addressed", found)
