"""Messages of more than 16 kB are not passed on."""

from __future__ import annotations

import json
from typing import Any

from pulsegate.reference_server.rooms import Member
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-3", "WS-4")


LARGEST = 16 * 1024


def plant(seams: Seams) -> None:
    """Drop what the message broker refuses."""

    def limited(message: dict[str, Any], members: list[Member]) -> Any:
        passed_on = message["type"] in ("state_update", "agent_message")
        if passed_on and len(json.dumps(message, ensure_ascii=False).encode()) > LARGEST:
            return []
        return [(message, members)]

    seams.deliveries(limited)
