"""The third malformed message of a connection ends it with 1008."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from pulsegate.reference_server.rooms import Member
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-6",)


def plant(seams: Seams) -> None:
    """Count strikes."""
    strikes: WeakKeyDictionary[Member, int] = WeakKeyDictionary()

    def counted(message: dict[str, Any], members: list[Member]) -> Any:
        if message["type"] == "error" and message["payload"]["code"] == "malformed":
            strikes[members[0]] = strikes.get(members[0], 0) + 1
            if strikes[members[0]] == 3:
                members[0].outbox.close(1008, "too many malformed messages")
        return [(message, members)]

    seams.deliveries(counted)
