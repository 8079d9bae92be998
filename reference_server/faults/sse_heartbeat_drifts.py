"""Each gap between heartbeats is longer than the one before: the interval drifts by a twentieth each time."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Frames, Seams

BREAKS = ("SSE-11",)

STEP = 0.05


def plant(seams: Seams) -> None:
    """Sleep once more per beat: the interval grows."""
    step_s = STEP * seams.services.settings.heartbeat_s

    async def drifting(frames: Frames, _: HTTPConnection) -> Frames:
        count = 0
        async with aclosing(frames) as source:
            async for frame in source:
                count += 1
                await asyncio.sleep(step_s * count * count / 2)
                yield frame

    seams.frames("sse", drifting)
