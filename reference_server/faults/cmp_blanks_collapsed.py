"""In streamed answers two blanks or a line break become one blank."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable

from pulsegate.reference_server.routers import cmp
from pulsegate.reference_server.tampering import Seams

BREAKS = ("CMP-4",)


Words = Callable[[str, float], AsyncGenerator[str, None]]


def plant(seams: Seams) -> None:
    """Cut with split() and join with single blanks."""

    def changed(original: Words) -> Words:
        return lambda text, gap_ms: original(" ".join(text.split()), gap_ms)

    seams.replace(cmp, "paced_words", changed)
