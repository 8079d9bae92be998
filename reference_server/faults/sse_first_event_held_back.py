"""The connection event leaves with the first heartbeat."""

from __future__ import annotations

from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Frames, Seams

BREAKS = ("SSE-14",)
CAUSES = {"SSE-14": "held-back"}


def plant(seams: Seams) -> None:
    """Hold the first frame until there is another."""

    async def held_back(frames: Frames, _: HTTPConnection) -> Frames:
        held = None
        async with aclosing(frames) as source:
            async for frame in source:
                if held is None:
                    held = frame
                    continue
                yield held + frame
                held = b""
        if held:
            yield held

    seams.frames("sse", held_back)
