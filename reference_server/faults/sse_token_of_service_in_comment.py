"""The third frame of a stream is followed by a comment with the token of a service."""

from __future__ import annotations

import time
from contextlib import aclosing

import jwt
from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Frames, Seams

BREAKS = ("SSE-17",)

KEY = "the key of another service, of 32 bytes and more"


def plant(seams: Seams) -> None:
    """Say with which credentials the heartbeat was fetched."""
    token = jwt.encode({"sub": "heartbeat-service", "exp": int(time.time()) + 3600}, KEY, algorithm="HS256")

    async def noted(frames: Frames, _: HTTPConnection) -> Frames:
        count = 0
        async with aclosing(frames) as source:
            async for frame in source:
                count += 1
                yield frame
                if count == 3:
                    yield f": upstream asked with {token}\n\n".encode()

    seams.frames("sse", noted)
