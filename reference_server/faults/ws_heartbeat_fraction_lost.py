"""A heartbeat's timestamp that is a number comes back without its fraction."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.rooms import Member
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-2",)


def plant(seams: Seams) -> None:
    """Keep whole numbers only, as an integer column does."""

    def whole(message: dict[str, Any], members: list[Member]) -> Any:
        if message["type"] == "heartbeat" and isinstance(message["timestamp"], float):
            message["timestamp"] = int(message["timestamp"])
        return [(message, members)]

    seams.deliveries(whole)
