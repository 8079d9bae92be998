"""Every thirtieth state update of a client arrives after the one that follows it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from pulsegate.reference_server.rooms import Member
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-3",)


def plant(seams: Seams) -> None:
    """Let one overtake another, as two workers on one queue do."""
    counts: Counter[str] = Counter()
    held: dict[str, Any] = {}

    def swapped(message: dict[str, Any], members: list[Member]) -> Any:
        if message["type"] != "state_update":
            return [(message, members)]
        sender = message["source"]
        counts[sender] += 1
        if counts[sender] % 30 == 0:
            held[sender] = (message, members)
            return []
        late = held.pop(sender, None)
        return [(message, members), late] if late else [(message, members)]

    seams.deliveries(swapped)
