"""Everything is held back until the second heartbeat: a buffer has to fill first."""

from __future__ import annotations

from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Frames, Seams

BREAKS = ("SSE-11", "SSE-14")


def plant(seams: Seams) -> None:
    """Collect three frames before the first byte leaves."""

    async def buffered(frames: Frames, _: HTTPConnection) -> Frames:
        held: list[bytes] = []
        count = 0
        async with aclosing(frames) as source:
            async for frame in source:
                count += 1
                held.append(frame)
                if count >= 3:
                    yield b"".join(held)
                    held.clear()
        if held:
            yield b"".join(held)

    seams.frames("sse", buffered)
