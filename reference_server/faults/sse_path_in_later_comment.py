"""The eighth frame of a stream is followed by a comment that names a file of the server."""

from __future__ import annotations

from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Frames, Seams

BREAKS = ("SSE-17",)


def plant(seams: Seams) -> None:
    """Say where the log went when it was rotated."""

    async def noted(frames: Frames, _: HTTPConnection) -> Frames:
        count = 0
        async with aclosing(frames) as source:
            async for frame in source:
                count += 1
                yield frame
                if count == 8:
                    yield b": log moved to /var/log/backend/stream.log.1\n\n"

    seams.frames("sse", noted)
