"""A resumed stream asks its client to wait for 33 minutes before the next attempt."""

from __future__ import annotations

from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Frames, Seams

BREAKS = ("RT-7",)


def plant(seams: Seams) -> None:
    """Back off in microseconds."""

    async def hinted(frames: Frames, connection: HTTPConnection) -> Frames:
        async with aclosing(frames) as source:
            async for frame in source:
                yield (
                    b"retry: 2000000\n\n"
                    if frame.startswith(b"retry:") and "last-event-id" in connection.headers
                    else frame
                )

    seams.frames("rt", hinted)
