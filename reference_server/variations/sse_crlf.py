"""Event streams end their lines with CRLF."""

from __future__ import annotations

from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import FRAMED_FREELY, Frames, Seams


def plant(seams: Seams) -> None:
    """Write CRLF for LF on every stream."""

    async def crlf(frames: Frames, _: HTTPConnection) -> Frames:
        async with aclosing(frames) as source:
            async for frame in source:
                yield frame.replace(b"\n", b"\r\n")

    seams.frames(FRAMED_FREELY, crlf)
