"""Streamed words come more than twice as fast as documented."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable

from pulsegate.reference_server.routers import cmp
from pulsegate.reference_server.tampering import Seams

BREAKS = ("CMP-5",)


Words = Callable[[str, float], AsyncGenerator[str, None]]


def plant(seams: Seams) -> None:
    """Take 20 ms for a smoother look."""

    def fast(original: Words) -> Words:
        return lambda text, gap_ms: original(text, 0.4 * gap_ms)

    seams.replace(cmp, "paced_words", fast)
