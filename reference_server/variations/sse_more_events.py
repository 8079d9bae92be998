"""Between heartbeats the connection stream has events of other types, some of them named, comments and hints."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.streaming import comment_frame, sse_frame
from pulsegate.reference_server.tampering import Frames, Seams

#: How long after each event the others come, in seconds.
LATER_S = 0.3
METRICS = {"type": "metrics", "data": {"heartbeat": 1, "authenticated": None, "timestamp": 0}}
PRESENCE = {"type": "presence", "data": {"status": "connected", "users": ["Zoë"]}}


def plant(seams: Seams) -> None:
    """Send one event of each kind a little after every other."""

    async def between(frames: Frames, _: HTTPConnection) -> Frames:
        yield b"retry: 5000\n\n"
        async with aclosing(frames) as source:
            async for frame in source:
                yield frame
                if b'"error"' in frame:
                    continue
                await asyncio.sleep(LATER_S)
                yield sse_frame(METRICS)
                yield sse_frame(PRESENCE, "presence") + comment_frame("heartbeat") + b"event: heartbeat\n\n"

    seams.frames("sse", between)
