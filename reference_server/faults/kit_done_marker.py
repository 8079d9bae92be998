"""Each stream ends with [DONE]."""

from __future__ import annotations

from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Frames, Seams

BREAKS = ("KIT-5",)
CAUSES = {"KIT-5": "done-marker"}


def plant(seams: Seams) -> None:
    """End like a chat completion."""

    async def marked(frames: Frames, _: HTTPConnection) -> Frames:
        async with aclosing(frames) as source:
            async for frame in source:
                yield frame
        yield b"data: [DONE]\n\n"

    seams.frames("kit", marked)
