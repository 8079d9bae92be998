"""In the middle of a long streamed answer the words stop for a while, and then come all at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from pulsegate.reference_server.pacing import paced_words
from pulsegate.reference_server.routers import cmp
from pulsegate.reference_server.tampering import Seams

BREAKS = ("CMP-5",)


def plant(seams: Seams) -> None:
    """Wait for something else after the fiftieth word, and catch up with the clock afterwards."""

    async def stalling(text: str, gap_ms: float) -> AsyncGenerator[str, None]:
        number = 0
        async for word in paced_words(text, gap_ms):
            number += 1
            yield word
            if number == 50:
                await asyncio.sleep(35 * gap_ms / 1000)

    seams.replace(cmp, "paced_words", lambda _: stalling)
