"""Members that are null are missing from payloads that are passed on."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.rooms import Member
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-3", "WS-4")


def without_nulls(value: Any) -> Any:
    """What a model dumped with exclude_none keeps."""
    if isinstance(value, dict):
        return {name: without_nulls(member) for name, member in value.items() if member is not None}
    return [without_nulls(member) for member in value] if isinstance(value, list) else value


def plant(seams: Seams) -> None:
    """Dump payloads without nulls."""

    def stripped(message: dict[str, Any], members: list[Member]) -> Any:
        if message["type"] in ("state_update", "agent_message"):
            message["payload"] = without_nulls(message["payload"])
        return [(message, members)]

    seams.deliveries(stripped)
