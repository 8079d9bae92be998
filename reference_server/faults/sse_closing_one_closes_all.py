"""When a user closes one stream, the user's other streams end as well."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Frames, Seams

BREAKS = ("SSE-11", "SSE-16")


def plant(seams: Seams) -> None:
    """Clean up by user instead of by stream."""
    closed: Counter[int] = Counter()

    async def shared_fate(frames: Frames, connection: HTTPConnection) -> Frames:
        user = seams.user_number(connection)
        before = closed[user]
        try:
            async with aclosing(frames) as source:
                async for frame in source:
                    if user and closed[user] != before:
                        return
                    yield frame
        except asyncio.CancelledError:
            closed[user] += 1
            raise

    seams.frames("sse", shared_fate)
