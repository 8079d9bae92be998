"""An agent message reaches its target, and its sender as well."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.rooms import Member
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-4",)


def plant(seams: Seams) -> None:
    """Send the sender a copy, for its own list of messages."""

    def copied(message: dict[str, Any], members: list[Member]) -> Any:
        if message["type"] == "agent_message" and members:
            others = seams.services.rooms.others(members[0])
            members += [member for member in others if member.name == message["source"]]
        return [(message, members)]

    seams.deliveries(copied)
