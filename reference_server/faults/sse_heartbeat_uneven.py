"""Gaps of 0.6 and 1.4 intervals take turns: the mean is right, and no gap is."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Frames, Seams

BREAKS = ("SSE-11",)
CAUSES = {"SSE-11": "irregular"}


def plant(seams: Seams) -> None:
    """Delay every other heartbeat."""
    delay_s = 0.4 * seams.services.settings.heartbeat_s

    async def uneven(frames: Frames, _: HTTPConnection) -> Frames:
        count = 0
        async with aclosing(frames) as source:
            async for frame in source:
                count += 1
                if count > 1 and count % 2:
                    await asyncio.sleep(delay_s)
                yield frame

    seams.frames("sse", uneven)
