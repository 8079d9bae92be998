"""Pieces of text come two at a time."""

from __future__ import annotations

from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Frames, Seams

BREAKS = ("AGUI-12",)


def plant(seams: Seams) -> None:
    """Flush every second piece."""

    async def paired(frames: Frames, _: HTTPConnection) -> Frames:
        held = b""
        async with aclosing(frames) as source:
            async for frame in source:
                if b'"TEXT_MESSAGE_CONTENT"' in frame and not held:
                    held = frame
                else:
                    yield held + frame
                    held = b""
        yield held

    seams.frames("agui", paired)
