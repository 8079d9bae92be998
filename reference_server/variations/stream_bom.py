"""Event streams begin with a byte order mark."""

from __future__ import annotations

from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import STREAMS, Frames, Seams

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def plant(seams: Seams) -> None:
    """Send the mark with the first frame of every stream."""

    async def marked(frames: Frames, _: HTTPConnection) -> Frames:
        mark = BYTE_ORDER_MARK
        async with aclosing(frames) as source:
            async for frame in source:
                yield mark + frame
                mark = b""

    seams.frames(STREAMS, marked)
