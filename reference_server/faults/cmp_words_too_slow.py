"""Streamed words come at half the documented pace."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable

from pulsegate.reference_server.routers import cmp
from pulsegate.reference_server.tampering import Seams

BREAKS = ("CMP-5",)
CAUSES = {"CMP-5": "other-pace"}


Words = Callable[[str, float], AsyncGenerator[str, None]]


def plant(seams: Seams) -> None:
    """Pause before and after each word."""

    def slow(original: Words) -> Words:
        return lambda text, gap_ms: original(text, 2 * gap_ms)

    seams.replace(cmp, "paced_words", slow)
