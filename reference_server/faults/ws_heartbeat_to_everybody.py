"""The echo of a heartbeat goes to the whole session."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.rooms import Member
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-2",)


def plant(seams: Seams) -> None:
    """Pass heartbeats on like any other message."""

    def broadcast(message: dict[str, Any], members: list[Member]) -> Any:
        if message["type"] == "heartbeat":
            members += seams.services.rooms.others(members[0])
        return [(message, members)]

    seams.deliveries(broadcast)
