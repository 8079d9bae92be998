"""The error for malformed JSON has a message, but no code."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.rooms import Member
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-6",)


def plant(seams: Seams) -> None:
    """Leave the code out."""

    def uncoded(message: dict[str, Any], members: list[Member]) -> Any:
        if message["type"] == "error" and message["payload"]["code"] == "malformed":
            del message["payload"]["code"]
        return [(message, members)]

    seams.deliveries(uncoded)
