"""The last event of a run is sent without its blank line: clients see it with the next keep-alive."""

from __future__ import annotations

from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Frames, Seams

BREAKS = ("RT-1",)
CAUSES = {"RT-1": "unterminated"}


def plant(seams: Seams) -> None:
    """Join events by blank lines instead of ending each with one."""

    async def joined(frames: Frames, _: HTTPConnection) -> Frames:
        async with aclosing(frames) as source:
            async for frame in source:
                last = b'"progress":100,"message"' in frame
                yield frame.removesuffix(b"\n") if last else frame

    seams.frames("rt", joined)
