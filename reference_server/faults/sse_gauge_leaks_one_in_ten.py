"""One stream in ten is counted as open for ever."""

from __future__ import annotations

from itertools import count
from typing import Any

from pulsegate.reference_server.tampering import Seams

BREAKS = ("SSE-18",)


def plant(seams: Seams) -> None:
    """Miss the end of every tenth stream."""
    ended = count(1)

    def make(original: Any) -> Any:
        def leaky(surface: str, change: int) -> None:
            if surface != "sse" or change > 0 or next(ended) % 10:
                original(surface, change)

        return leaky

    seams.replace(seams.services.metrics, "count_open", make)
