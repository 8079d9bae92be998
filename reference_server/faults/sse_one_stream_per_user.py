"""A user's new stream ends the one that was open."""

from __future__ import annotations

from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Frames, Seams

BREAKS = ("SSE-11", "SSE-16")
CAUSES = {"SSE-11": "ended", "SSE-16": "replaced"}


def plant(seams: Seams) -> None:
    """Keep streams in a dictionary by user, and let those end that are no longer in it."""
    current: dict[int, object] = {}

    async def single(frames: Frames, connection: HTTPConnection) -> Frames:
        user, mine = seams.user_number(connection), object()
        current[user] = mine
        async with aclosing(frames) as source:
            async for frame in source:
                if user and current[user] is not mine:
                    return
                yield frame

    seams.frames("sse", single)
