"""With each keep-alive the client is asked to come back in a day."""

from __future__ import annotations

from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Frames, Seams

BREAKS = ("RT-7",)


def plant(seams: Seams) -> None:
    """Send idle clients away for long."""

    async def hinted(frames: Frames, _: HTTPConnection) -> Frames:
        async with aclosing(frames) as source:
            async for frame in source:
                yield b"retry: 86400000\n" + frame if frame.startswith(b":") else frame

    seams.frames("rt", hinted)
