"""Before the writer begins the run is silent for 1.6 intervals."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Frames, Seams

BREAKS = ("RT-9",)
CAUSES = {"RT-9": "silent-run"}


def plant(seams: Seams) -> None:
    """Wait for a slow tool in the coroutine that also sends the comments."""
    delay_s = 1.6 * seams.services.settings.heartbeat_s

    async def blocked(frames: Frames, connection: HTTPConnection) -> Frames:
        async with aclosing(frames) as source:
            async for frame in source:
                if b'"agentId":"writer","status":"running"' in frame and "last-event-id" not in connection.headers:
                    await asyncio.sleep(delay_s)
                yield frame

    seams.frames("rt", blocked)
