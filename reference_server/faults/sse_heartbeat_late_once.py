"""The third heartbeat of each stream comes 0.6 intervals late."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Frames, Seams

BREAKS = ("SSE-11",)
CAUSES = {"SSE-11": "irregular"}


def plant(seams: Seams) -> None:
    """Hold the fourth frame back."""
    delay_s = 0.6 * seams.services.settings.heartbeat_s

    async def late(frames: Frames, _: HTTPConnection) -> Frames:
        count = 0
        async with aclosing(frames) as source:
            async for frame in source:
                count += 1
                if count == 4:
                    await asyncio.sleep(delay_s)
                yield frame

    seams.frames("sse", late)
