"""One state update in fifty of a client arrives twice."""

from __future__ import annotations

from collections import Counter
from typing import Any

from pulsegate.reference_server.rooms import Member
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-3",)


def plant(seams: Seams) -> None:
    """Send each fiftieth again, as a retry after a slow confirmation does."""
    counts: Counter[str] = Counter()

    def repeated(message: dict[str, Any], members: list[Member]) -> Any:
        if message["type"] == "state_update":
            counts[message["source"]] += 1
        again = message["type"] == "state_update" and counts[message["source"]] % 50 == 0
        return [(message, members)] * (2 if again else 1)

    seams.deliveries(repeated)
