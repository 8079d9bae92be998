"""A state update comes back to the client that sent it."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.rooms import Member
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-3",)


def plant(seams: Seams) -> None:
    """Publish to the whole channel, the sender included."""

    def broadcast(message: dict[str, Any], members: list[Member]) -> Any:
        if message["type"] == "state_update" and members:
            everybody = [*members, *seams.services.rooms.others(members[0])]
            members = list(dict.fromkeys(everybody))
        return [(message, members)]

    seams.deliveries(broadcast)
