"""The echo of a heartbeat carries the server's time instead of the client's."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.heartbeats import rfc3339_now
from pulsegate.reference_server.rooms import Member
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-2",)


def plant(seams: Seams) -> None:
    """Stamp each echo."""

    def stamped(message: dict[str, Any], members: list[Member]) -> Any:
        return [({**message, "timestamp": rfc3339_now()} if message["type"] == "heartbeat" else message, members)]

    seams.deliveries(stamped)
