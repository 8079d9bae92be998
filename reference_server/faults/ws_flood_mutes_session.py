"""After a flood of one client nobody's state updates are passed on in its session for a second."""

from __future__ import annotations

from time import monotonic
from typing import Any

from pulsegate.reference_server.rooms import Member
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-10",)


def plant(seams: Seams) -> None:
    """Punish the session instead of the connection."""
    muted: dict[str, float] = {}

    def punishing(message: dict[str, Any], members: list[Member]) -> Any:
        if message["type"] == "error" and message["payload"]["code"] == "rate_limited":
            muted[members[0].session_id] = monotonic() + 1
        silent = message["type"] == "state_update" and members and muted.get(members[0].session_id, 0) > monotonic()
        return [] if silent else [(message, members)]

    seams.deliveries(punishing)
