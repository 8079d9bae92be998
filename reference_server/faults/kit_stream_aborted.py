"""Streams that continue a thread are broken off after their last event."""

from __future__ import annotations

from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Frames, Seams

BREAKS = ("KIT-5",)
CAUSES = {"KIT-5": "aborted"}


def plant(seams: Seams) -> None:
    """Raise when all is said, as a clean-up does that fails in threads which exist already."""

    async def broken(frames: Frames, _: HTTPConnection) -> Frames:
        new = False
        async with aclosing(frames) as source:
            async for frame in source:
                new = new or b'"thread.created"' in frame
                yield frame
        if not new:
            raise RuntimeError("the history cannot be compacted")

    seams.frames("kit", broken)
