"""The idle stream of the second user is not kept alive."""

from __future__ import annotations

from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Frames, Seams

BREAKS = ("RT-9",)


def plant(seams: Seams) -> None:
    """Keep the first stream's timer only."""

    async def bare(frames: Frames, connection: HTTPConnection) -> Frames:
        async with aclosing(frames) as source:
            async for frame in source:
                if not frame.startswith(b":") or seams.user_number(connection) < 2:
                    yield frame

    seams.frames("rt", bare)
