"""After the error event the stream stays open, in silence."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Frames, Seams

BREAKS = ("SSE-13",)
CAUSES = {"SSE-13": "went-on"}


def plant(seams: Seams) -> None:
    """Wait for something that will not happen."""

    async def lingering(frames: Frames, _: HTTPConnection) -> Frames:
        async with aclosing(frames) as source:
            async for frame in source:
                yield frame
                if b'"type":"error"' in frame:
                    await asyncio.Event().wait()

    seams.frames("sse", lingering)
