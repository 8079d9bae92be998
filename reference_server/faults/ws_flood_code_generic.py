"""The error for a flood has the code error, so that a client does not know to slow down."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.rooms import Member
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-10",)


def plant(seams: Seams) -> None:
    """Use one code for everything of that kind."""

    def generic(message: dict[str, Any], members: list[Member]) -> Any:
        if message["type"] == "error" and message["payload"]["code"] == "rate_limited":
            message["payload"]["code"] = "error"
        return [(message, members)]

    seams.deliveries(generic)
