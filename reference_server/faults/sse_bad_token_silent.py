"""A stream that is opened with a bad token stays open, and never says a word."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.auth import STREAM_CARRIERS, token_of
from pulsegate.reference_server.tampering import Frames, Seams

BREAKS = ("SSE-10",)
CAUSES = {"SSE-10": "silent"}


def plant(seams: Seams) -> None:
    """Wait for a user who never comes."""

    async def waiting(frames: Frames, connection: HTTPConnection) -> Frames:
        async with aclosing(frames) as source:
            if token_of(connection, STREAM_CARRIERS) and not seams.user_number(connection):
                await asyncio.Event().wait()
            async for frame in source:
                yield frame

    seams.frames("sse", waiting)
