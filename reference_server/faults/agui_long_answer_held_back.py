"""The rest of a long answer is held back until its end."""

from __future__ import annotations

from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Frames, Seams

BREAKS = ("AGUI-12",)


LIVE_PIECES = 12


def plant(seams: Seams) -> None:
    """Fill a buffer when the first bytes are through."""

    async def held_back(frames: Frames, _: HTTPConnection) -> Frames:
        pieces, held = 0, b""
        async with aclosing(frames) as source:
            async for frame in source:
                pieces += b'"TEXT_MESSAGE_CONTENT"' in frame
                if pieces <= LIVE_PIECES:
                    yield frame
                else:
                    held += frame
        yield held

    seams.frames("agui", held_back)
