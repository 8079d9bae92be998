"""A streamed answer stops after ninety words, as if that were all."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable

from pulsegate.reference_server.pacing import words_of
from pulsegate.reference_server.routers import cmp
from pulsegate.reference_server.tampering import Seams

BREAKS = ("CMP-4",)


Words = Callable[[str, float], AsyncGenerator[str, None]]


def plant(seams: Seams) -> None:
    """Cut at a limit that whole answers do not have."""

    def changed(original: Words) -> Words:
        return lambda text, gap_ms: original("".join(words_of(text)[:90]), gap_ms)

    seams.replace(cmp, "paced_words", changed)
