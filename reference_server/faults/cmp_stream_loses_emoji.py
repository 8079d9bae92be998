"""Signs outside the basic plane are question marks in streamed answers."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable

from pulsegate.reference_server.routers import cmp
from pulsegate.reference_server.tampering import Seams

BREAKS = ("CMP-4",)


Words = Callable[[str, float], AsyncGenerator[str, None]]


def plant(seams: Seams) -> None:
    """Send what three bytes of UTF-8 can hold, like MySQL's utf8."""

    def changed(original: Words) -> Words:
        return lambda text, gap_ms: original("".join(sign if sign <= "\uffff" else "?" for sign in text), gap_ms)

    seams.replace(cmp, "paced_words", changed)
