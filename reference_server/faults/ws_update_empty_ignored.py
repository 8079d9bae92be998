"""A state update with an empty payload is taken for none and not passed on."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.rooms import Member
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-3",)


def plant(seams: Seams) -> None:
    """Ask whether the payload is truthy."""

    def truthy(message: dict[str, Any], members: list[Member]) -> Any:
        return [(message, members)] if message["type"] != "state_update" or message["payload"] else []

    seams.deliveries(truthy)
