"""The connection event holds a text in latin-1."""

from __future__ import annotations

from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Frames, Seams

BREAKS = ("SSE-15",)
CAUSES = {"SSE-15": "not-utf8"}

GREETING = "Schön, dass Sie da sind"


def plant(seams: Seams) -> None:
    """Encode a greeting as the terminal of its author would."""

    async def greeted(frames: Frames, _: HTTPConnection) -> Frames:
        async with aclosing(frames) as source:
            async for frame in source:
                yield frame.replace(b'"status"', f'"greeting":"{GREETING}","status"'.encode("latin-1"))

    seams.frames("sse", greeted)
