"""The error for an unknown target goes to the whole session."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.rooms import Member
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-4",)


def plant(seams: Seams) -> None:
    """Broadcast that error."""

    def broadcast(message: dict[str, Any], members: list[Member]) -> Any:
        if message["type"] == "error" and message["payload"]["code"] == "unknown_target":
            members += seams.services.rooms.others(members[0])
        return [(message, members)]

    seams.deliveries(broadcast)
