"""A stream that is opened by ?token= begins with a comment that repeats the URL."""

from __future__ import annotations

from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Frames, Seams

BREAKS = ("SSE-17",)


def plant(seams: Seams) -> None:
    """Leave a line for debugging in."""

    async def noted(frames: Frames, connection: HTTPConnection) -> Frames:
        if connection.url.query:
            yield f": opened {connection.url.path}?{connection.url.query}\n\n".encode()
        async with aclosing(frames) as source:
            async for frame in source:
                yield frame

    seams.frames("sse", noted)
