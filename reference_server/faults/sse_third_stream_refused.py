"""A user's third stream at once is refused with 409."""

from __future__ import annotations

from collections import Counter
from contextlib import aclosing

from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, Response

from pulsegate.reference_server.tampering import Frames, Seams

BREAKS = ("SSE-1", "SSE-16")
CAUSES = {"SSE-1": "limited", "SSE-16": "limited"}

LIMIT = 2


def plant(seams: Seams) -> None:
    """Allow two tabs."""
    open_now: Counter[int] = Counter()

    def refuse(connection: HTTPConnection) -> Response | None:
        user = seams.user_number(connection)
        full = user and open_now[user] >= LIMIT and connection.scope["method"] == "GET"
        return JSONResponse({"detail": "Too many streams."}, 409) if full else None

    async def counted(frames: Frames, connection: HTTPConnection) -> Frames:
        user = seams.user_number(connection)
        open_now[user] += 1
        try:
            async with aclosing(frames) as source:
                async for frame in source:
                    yield frame
        finally:
            open_now[user] -= 1

    seams.instead("sse", refuse)
    seams.frames("sse", counted)
