"""The echo of a heartbeat has an id of the server's own."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from pulsegate.reference_server.rooms import Member
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-2",)


def plant(seams: Seams) -> None:
    """Give each echo a new id."""

    def renamed(message: dict[str, Any], members: list[Member]) -> Any:
        return [({**message, "id": str(uuid4())} if message["type"] == "heartbeat" else message, members)]

    seams.deliveries(renamed)
