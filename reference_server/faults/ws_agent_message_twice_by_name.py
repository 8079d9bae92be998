"""An agent message that names its target by agentId arrives twice."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.rooms import Member
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-4",)


def plant(seams: Seams) -> None:
    """Find the target in both indexes, and send to each find."""

    def repeated(message: dict[str, Any], members: list[Member]) -> Any:
        named = message["type"] == "agent_message" and all(one.agent_id == message["target"] for one in members)
        return [(message, members)] * (2 if named else 1)

    seams.deliveries(repeated)
