"""Completions stream in pieces smaller than words, and white space in deltas of its own."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from pulsegate.reference_server.routers import cmp
from pulsegate.reference_server.tampering import Seams

_PIECE = re.compile(r"\s+|\S{1,4}")
#: Between the pieces of a word, in seconds.
BETWEEN_S = 0.002


def plant(seams: Seams) -> None:
    """Cut every word after each fourth character."""

    def cut(original: Any) -> Any:
        async def pieces(text: str, gap_ms: float) -> AsyncGenerator[str, None]:
            async with aclosing(original(text, gap_ms)) as words:
                async for word in words:
                    for piece in _PIECE.findall(word):
                        yield piece
                        await asyncio.sleep(BETWEEN_S)

        return pieces

    seams.replace(cmp, "paced_words", cut)
