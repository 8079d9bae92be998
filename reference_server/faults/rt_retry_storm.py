"""The retry hint of the second user is 10 ms: a client of theirs storms the server."""

from __future__ import annotations

from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Frames, Seams

BREAKS = ("RT-7",)


def plant(seams: Seams) -> None:
    """Take the interval of the local setup for a user it knows."""

    async def hinted(frames: Frames, connection: HTTPConnection) -> Frames:
        async with aclosing(frames) as source:
            async for frame in source:
                yield b"retry: 10\n\n" if frame.startswith(b"retry:") and seams.user_number(connection) > 1 else frame

    seams.frames("rt", hinted)
