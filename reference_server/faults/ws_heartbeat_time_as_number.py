"""A heartbeat's timestamp that was sent as text comes back as a number of milliseconds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pulsegate.reference_server.rooms import Member
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-2",)


def plant(seams: Seams) -> None:
    """Read the text as a moment."""

    def counted(message: dict[str, Any], members: list[Member]) -> Any:
        stamp = message["timestamp"]
        if message["type"] == "heartbeat" and isinstance(stamp, str) and stamp.startswith("20"):
            message["timestamp"] = round(datetime.fromisoformat(stamp).timestamp() * 1000)
        return [(message, members)]

    seams.deliveries(counted)
