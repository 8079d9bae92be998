"""Whatever stands in front cuts a stream after 0.4 intervals without a byte."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Frames, Seams

BREAKS = ("SSE-10", "SSE-11", "SSE-16")
CAUSES = {"SSE-10": "dropped", "SSE-11": "cut-in-silence"}


def plant(seams: Seams) -> None:
    """Give a read timeout that is shorter than the heartbeat interval."""
    patience_s = 0.4 * seams.services.settings.heartbeat_s

    async def impatient(frames: Frames, _: HTTPConnection) -> Frames:
        async with aclosing(frames) as source:
            while True:
                async with asyncio.timeout(patience_s):
                    frame = await anext(source, None)
                if frame is None:
                    return
                yield frame

    seams.frames("sse", impatient)
