"""Completions stream without a first chunk for the role; the last word's chunk also holds the finish reason."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from pulsegate.reference_server import pacing
from pulsegate.reference_server.pacing import paced_words
from pulsegate.reference_server.routers import cmp
from pulsegate.reference_server.services import Services
from pulsegate.reference_server.stamps import Stamper
from pulsegate.reference_server.streaming import sse_frame
from pulsegate.reference_server.tampering import Seams
from pulsegate.reference_server.turns import Turn

_WORD = re.compile(r"\s*\S+(?:\s+$)?")


def plant(seams: Seams) -> None:
    """Say words with the white space before them, and nothing else."""
    seams.replace(pacing, "words_of", lambda _: _WORD.findall)
    seams.replace(cmp, "_frames", lambda _: _terse)


async def _terse(turn: Turn, services: Services, _stamper: Stamper) -> AsyncGenerator[bytes, None]:
    head = cmp._head(turn, services, "chat.completion.chunk")  # noqa: SLF001 - planted changes reach inside
    left = len(_WORD.findall(turn.reply.text))
    async with aclosing(paced_words(turn.reply.text, services.settings.word_gap_ms)) as words:
        async for word in words:
            left -= 1
            choice: dict[str, Any] = {"delta": {"content": word}, **({} if left else {"finish_reason": "stop"})}
            yield sse_frame({**head, "choices": [{"index": 0, **choice}]})
    yield sse_frame("[DONE]")
