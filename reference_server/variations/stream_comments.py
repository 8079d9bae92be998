"""Event streams begin with a comment of 2 kB and have others before, inside and after events, in CRLF framing."""

from __future__ import annotations

from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import FRAMED_FREELY, Frames, Seams

PADDING = b":" + b" " * 2048 + b"\r\n\r\n"
INSIDE = "\r\n: grüße\r\n:\r\n".encode()


def plant(seams: Seams) -> None:
    """Pad each stream, and put comments between the lines of each frame."""

    async def commented(frames: Frames, _: HTTPConnection) -> Frames:
        yield PADDING
        async with aclosing(frames) as source:
            async for frame in source:
                lines = frame.removesuffix(b"\n\n").split(b"\n")
                yield b":data: {}\r\n" + INSIDE.join(lines) + b"\r\n\r\n: over\r\n"

    seams.frames(FRAMED_FREELY, commented)
