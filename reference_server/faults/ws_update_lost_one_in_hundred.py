"""One state update in a hundred of a session reaches nobody."""

from __future__ import annotations

from collections import Counter
from typing import Any

from pulsegate.reference_server.rooms import Member
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-3",)


def plant(seams: Seams) -> None:
    """Drop each hundredth, as a queue that is full for a moment does."""
    passed: Counter[str] = Counter()

    def lossy(message: dict[str, Any], members: list[Member]) -> Any:
        if message["type"] != "state_update" or not members:
            return [(message, members)]
        passed[members[0].session_id] += 1
        return [] if passed[members[0].session_id] % 100 == 0 else [(message, members)]

    seams.deliveries(lossy)
