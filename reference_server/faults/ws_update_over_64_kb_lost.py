"""State updates of more than 65535 bytes, whose frames have a longer header, are not passed on."""

from __future__ import annotations

import json
from typing import Any

from pulsegate.reference_server.rooms import Member
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-3",)


def plant(seams: Seams) -> None:
    """Drop what a length of 16 bits cannot tell."""

    def limited(message: dict[str, Any], members: list[Member]) -> Any:
        if message["type"] == "state_update" and len(json.dumps(message, ensure_ascii=False).encode()) > 0xFFFF:
            return []
        return [(message, members)]

    seams.deliveries(limited)
