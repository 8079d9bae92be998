"""Every third word of a streamed answer waits for the next and comes together with it."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from pulsegate.reference_server.pacing import paced_words
from pulsegate.reference_server.routers import cmp
from pulsegate.reference_server.tampering import Seams

BREAKS = ("CMP-5",)
CAUSES = {"CMP-5": "at-once"}


def plant(seams: Seams) -> None:
    """Buffer a little on the way."""

    async def bursts(text: str, gap_ms: float) -> AsyncGenerator[str, None]:
        held = ""
        number = 0
        async for word in paced_words(text, gap_ms):
            number += 1
            if number % 3 == 0:
                held = word
                continue
            if held:
                yield held
                held = ""
            yield word
        if held:
            yield held

    seams.replace(cmp, "paced_words", lambda _: bursts)
