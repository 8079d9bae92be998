"""An event's blank line comes only with the next event, so that each is seen one too late."""

from __future__ import annotations

from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Frames, Seams

BREAKS = ("SSE-14", "SSE-15")


def plant(seams: Seams) -> None:
    """Write the separator before an event instead of after it."""

    async def separated(frames: Frames, _: HTTPConnection) -> Frames:
        separator = b""
        async with aclosing(frames) as source:
            async for frame in source:
                yield separator + frame[:-1]
                separator = b"\n"
        yield separator

    seams.frames("sse", separated)
