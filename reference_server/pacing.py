"""Words, one at a time, at a steady pace."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator

_WORD = re.compile(r"\s*\S+\s*")


def words_of(text: str) -> list[str]:
    """`text` cut into words, each with the white space behind it (the first also with what is before it)."""
    return _WORD.findall(text) or ([text] if text else [])


async def paced_words(text: str, gap_ms: float) -> AsyncGenerator[str, None]:
    """The words of `text`: the first at once, the others `gap_ms` apart.

    Each is due at a multiple of the gap from the start, so that late wake-ups do not add up.
    """
    loop = asyncio.get_running_loop()
    started = loop.time()
    for number, word in enumerate(words_of(text)):
        wait_s = started + number * gap_ms / 1000 - loop.time()
        if wait_s > 0:
            await asyncio.sleep(wait_s)
        yield word
