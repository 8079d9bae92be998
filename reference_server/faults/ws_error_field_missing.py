"""The error for a message without payload does not say which field is missing."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.rooms import Member
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-6",)


def plant(seams: Seams) -> None:
    """Leave the field out."""

    def unnamed(message: dict[str, Any], members: list[Member]) -> Any:
        if message["type"] == "error" and message["payload"].get("field") == "payload":
            del message["payload"]["field"]
        return [(message, members)]

    seams.deliveries(unnamed)
