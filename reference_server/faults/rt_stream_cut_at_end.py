"""The connection is cut in the middle of the answer when the run is over."""

from __future__ import annotations

from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Frames, Seams

BREAKS = ("RT-9",)
CAUSES = {"RT-9": "broken-off"}


def plant(seams: Seams) -> None:
    """Let the task that has nothing left to do raise."""

    async def cut(frames: Frames, _: HTTPConnection) -> Frames:
        async with aclosing(frames) as source:
            async for frame in source:
                yield frame
                if b'"progress":100,"message"' in frame:
                    raise RuntimeError("the run has no more events")

    seams.frames("rt", cut)
