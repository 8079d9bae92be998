"""Texts of more than 16384 characters arrive cut short in state updates."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.rooms import Member
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-3",)


LONGEST = 16_384


def cut(value: Any) -> Any:
    """`value` with texts as long as a column takes."""
    if isinstance(value, dict):
        return {name: cut(member) for name, member in value.items()}
    return value[:LONGEST] if isinstance(value, str) else value


def plant(seams: Seams) -> None:
    """Cut long texts."""

    def shortened(message: dict[str, Any], members: list[Member]) -> Any:
        if message["type"] == "state_update":
            message["payload"] = cut(message["payload"])
        return [(message, members)]

    seams.deliveries(shortened)
