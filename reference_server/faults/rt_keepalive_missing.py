"""Nothing keeps the stream of a finished run alive."""

from __future__ import annotations

from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Frames, Seams

BREAKS = ("RT-9",)
CAUSES = {"RT-9": "silent-idle"}


def plant(seams: Seams) -> None:
    """Send no comments: the run's own events are enough."""

    async def bare(frames: Frames, _: HTTPConnection) -> Frames:
        async with aclosing(frames) as source:
            async for frame in source:
                if not frame.startswith(b":"):
                    yield frame

    seams.frames("rt", bare)
