"""A while after the run its idle connection is cut."""

from __future__ import annotations

from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Frames, Seams

BREAKS = ("RT-9",)
CAUSES = {"RT-9": "broken-off"}


def plant(seams: Seams) -> None:
    """Stop the worker that serves an idle stream."""

    async def cut(frames: Frames, _: HTTPConnection) -> Frames:
        over = 0
        async with aclosing(frames) as source:
            async for frame in source:
                yield frame
                over += b'"progress":100,"message"' in frame or (over > 0 and frame.startswith(b":"))
                if over == 3:
                    raise RuntimeError("the worker was stopped")

    seams.frames("rt", cut)
