"""The connection breaks off behind RUN_FINISHED."""

from __future__ import annotations

from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Frames, Seams

BREAKS = ("AGUI-3",)


def plant(seams: Seams) -> None:
    """Raise when all is said, as a clean-up does that fails."""

    async def broken(frames: Frames, _: HTTPConnection) -> Frames:
        finished = False
        async with aclosing(frames) as source:
            async for frame in source:
                finished = finished or b'"RUN_FINISHED"' in frame
                yield frame
        if finished:
            raise RuntimeError("the checkpoint cannot be written")

    seams.frames("agui", broken)
