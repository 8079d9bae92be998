"""A word of one letter comes in one delta with the next word."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from pulsegate.reference_server.pacing import paced_words
from pulsegate.reference_server.routers import cmp
from pulsegate.reference_server.tampering import Seams

BREAKS = ("CMP-4",)


def plant(seams: Seams) -> None:
    """Hold a single letter back until its word is complete."""

    async def joined(text: str, gap_ms: float) -> AsyncGenerator[str, None]:
        held = ""
        async for word in paced_words(text, gap_ms):
            if len(word.strip()) == 1 and word.strip().isalpha():
                held += word
            else:
                yield held + word
                held = ""
        if held:
            yield held

    seams.replace(cmp, "paced_words", lambda _: joined)
