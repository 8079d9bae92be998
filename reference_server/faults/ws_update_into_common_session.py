"""Clients that name no session get the state updates of every session."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.rooms import Member
from pulsegate.reference_server.routers import ws
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-3",)


def plant(seams: Seams) -> None:
    """Take no session for all sessions."""
    nowhere = Member(ws.COMMON_SESSION, None)

    def leaky(message: dict[str, Any], members: list[Member]) -> Any:
        if message["type"] == "state_update" and members and members[0].session_id != ws.COMMON_SESSION:
            members += seams.services.rooms.others(nowhere)
        return [(message, members)]

    seams.deliveries(leaky)
