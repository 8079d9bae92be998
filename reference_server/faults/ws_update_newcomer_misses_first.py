"""After a client has left, the next to join misses the first state update sent to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pulsegate.reference_server.rooms import Member, Rooms
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-3",)


def plant(seams: Seams) -> None:
    """Skip one place of a list that was changed while it was read."""
    gaps: set[str] = set()
    skipped: set[Member] = set()

    def watched(original: Any) -> Any:
        @contextmanager
        def joined(self: Rooms, member: Member) -> Iterator[None]:
            if member.session_id in gaps:
                gaps.discard(member.session_id)
                skipped.add(member)
            with original(self, member):
                yield
            gaps.add(member.session_id)

        return joined

    def skipping(message: dict[str, Any], members: list[Member]) -> Any:
        if message["type"] == "state_update":
            missing = skipped.intersection(members)
            skipped.difference_update(missing)
            members = [member for member in members if member not in missing]
        return [(message, members)]

    seams.replace(Rooms, "joined", watched)
    seams.deliveries(skipping)
