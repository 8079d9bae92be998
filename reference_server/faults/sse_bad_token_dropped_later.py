"""A stream that was opened with a bad token ends after its second heartbeat."""

from __future__ import annotations

from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.auth import STREAM_CARRIERS, token_of
from pulsegate.reference_server.tampering import Frames, Seams

BREAKS = ("SSE-10",)
CAUSES = {"SSE-10": "dropped"}


def plant(seams: Seams) -> None:
    """Check the token once more while the stream runs, and end it."""

    async def checked(frames: Frames, connection: HTTPConnection) -> Frames:
        bad = token_of(connection, STREAM_CARRIERS) is not None and seams.user_number(connection) == 0
        left = 3
        async with aclosing(frames) as source:
            async for frame in source:
                yield frame
                left -= 1
                if bad and not left:
                    return

    seams.frames("sse", checked)
