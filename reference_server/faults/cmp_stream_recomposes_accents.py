"""Streamed answers compose accents that the whole answer keeps apart."""

from __future__ import annotations

import unicodedata
from collections.abc import AsyncGenerator, Callable

from pulsegate.reference_server.routers import cmp
from pulsegate.reference_server.tampering import Seams

BREAKS = ("CMP-4",)


Words = Callable[[str, float], AsyncGenerator[str, None]]


def plant(seams: Seams) -> None:
    """Normalise the text on the way out."""

    def changed(original: Words) -> Words:
        return lambda text, gap_ms: original(unicodedata.normalize("NFC", text), gap_ms)

    seams.replace(cmp, "paced_words", changed)
