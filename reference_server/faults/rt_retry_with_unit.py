"""The retry hint is 2s, which clients ignore."""

from __future__ import annotations

from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Frames, Seams

BREAKS = ("RT-7",)


def plant(seams: Seams) -> None:
    """Write a duration as the configuration does."""

    async def hinted(frames: Frames, _: HTTPConnection) -> Frames:
        async with aclosing(frames) as source:
            async for frame in source:
                yield b"retry: 2s\n\n" if frame.startswith(b"retry:") else frame

    seams.frames("rt", hinted)
