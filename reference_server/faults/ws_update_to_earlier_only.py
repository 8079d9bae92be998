"""A state update reaches only the clients that joined before its sender."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.rooms import Member
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-3",)


def plant(seams: Seams) -> None:
    """Send to those that were there when the sender came."""
    order: dict[tuple[str, str], int] = {}

    def earlier(message: dict[str, Any], members: list[Member]) -> Any:
        if message["type"] == "connection_established":
            order[(members[0].session_id, members[0].name)] = len(order)
        if message["type"] == "state_update":
            since = {member: order.get((member.session_id, message["source"]), 0) for member in members}
            members = [one for one in members if order.get((one.session_id, one.name), 0) < since[one]]
        return [(message, members)]

    seams.deliveries(earlier)
