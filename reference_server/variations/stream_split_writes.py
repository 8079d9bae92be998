"""Every event leaves in two writes, parted inside a character where it has one of several bytes."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import STREAMS, Frames, Seams

#: Long enough that the two parts are two segments, in seconds.
BETWEEN_S = 0.001


def plant(seams: Seams) -> None:
    """Send each frame in two parts."""

    async def parted(frames: Frames, _: HTTPConnection) -> Frames:
        async with aclosing(frames) as source:
            async for frame in source:
                place = _inside_a_character(frame)
                yield frame[:place]
                await asyncio.sleep(BETWEEN_S)
                yield frame[place:]

    seams.frames(STREAMS, parted)


def _inside_a_character(frame: bytes) -> int:
    following = [place for place, byte in enumerate(frame) if byte & 0xC0 == 0x80]
    return following[0] if following else len(frame) // 2
