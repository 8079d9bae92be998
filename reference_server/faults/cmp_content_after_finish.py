"""The last word of a streamed answer comes after its finish reason."""

from __future__ import annotations

from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Frames, Seams

BREAKS = ("CMP-4",)


def plant(seams: Seams) -> None:
    """Flush the last word when everything else is over."""

    async def late(frames: Frames, _: HTTPConnection) -> Frames:
        held = b""
        async with aclosing(frames) as source:
            async for frame in source:
                if b'"stop"' in frame:
                    yield frame
                elif held:
                    yield held
                    held = frame
                else:
                    held = frame
        yield held

    seams.frames("cmp", late)
