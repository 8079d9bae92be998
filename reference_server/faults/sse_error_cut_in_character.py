"""The error's text is cut to 15 bytes, in the middle of a character."""

from __future__ import annotations

from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Frames, Seams

BREAKS = ("SSE-15",)

LIMIT = 15
TEXT = "Der Fehler läßt sich für Sie nicht beheben."


def plant(seams: Seams) -> None:
    """Shorten bytes where text was meant."""
    message = TEXT.encode()[:LIMIT]

    async def shortened(frames: Frames, _: HTTPConnection) -> Frames:
        async with aclosing(frames) as source:
            async for frame in source:
                failed = b'"type":"error"' in frame
                yield b'data: {"type":"error","data":{"message":"' + message + b'"}}\n\n' if failed else frame

    seams.frames("sse", shortened)
