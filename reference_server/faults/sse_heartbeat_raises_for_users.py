"""The sixth heartbeat of a signed-in user's stream raises: the connection breaks off."""

from __future__ import annotations

from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Frames, Seams

BREAKS = ("SSE-11",)
CAUSES = {"SSE-11": "broken-off"}

LAST = 6


def plant(seams: Seams) -> None:
    """Look the user up in a database session that has been closed by then."""

    async def raising(frames: Frames, connection: HTTPConnection) -> Frames:
        count = 0
        async with aclosing(frames) as source:
            async for frame in source:
                count += b'"heartbeat"' in frame
                if count == LAST and seams.user_number(connection):
                    raise RuntimeError("the session is closed")
                yield frame

    seams.frames("sse", raising)
