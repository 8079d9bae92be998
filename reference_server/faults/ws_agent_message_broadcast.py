"""An agent message reaches everybody in the session but its sender."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.rooms import Member
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-4",)


def plant(seams: Seams) -> None:
    """Leave it to the clients to look at the target."""

    def broadcast(message: dict[str, Any], members: list[Member]) -> Any:
        if message["type"] == "agent_message" and members:
            everybody = dict.fromkeys([*members, *seams.services.rooms.others(members[0])])
            members = [member for member in everybody if member.name != message["source"]]
        return [(message, members)]

    seams.deliveries(broadcast)
