"""The error event lacks its blank line, and no client ever sees it."""

from __future__ import annotations

from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Frames, Seams

BREAKS = ("SSE-13", "SSE-15")
CAUSES = {"SSE-15": "unterminated"}


def plant(seams: Seams) -> None:
    """End the last event with its line."""

    async def unterminated(frames: Frames, _: HTTPConnection) -> Frames:
        async with aclosing(frames) as source:
            async for frame in source:
                yield frame[:-1] if b'"type":"error"' in frame else frame

    seams.frames("sse", unterminated)
