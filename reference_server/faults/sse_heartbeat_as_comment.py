"""Only comments keep the stream alive; clients get no heartbeat event."""

from __future__ import annotations

from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Frames, Seams

BREAKS = ("SSE-11",)
CAUSES = {"SSE-11": "no-heartbeat"}


def plant(seams: Seams) -> None:
    """Send ``: ping`` in each heartbeat's place."""

    async def pings(frames: Frames, _: HTTPConnection) -> Frames:
        async with aclosing(frames) as source:
            async for frame in source:
                yield b": ping\n\n" if b'"heartbeat"' in frame else frame

    seams.frames("sse", pings)
