"""Every fifth heartbeat is followed by a load report that holds NaN."""

from __future__ import annotations

from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Frames, Seams

BREAKS = ("SSE-15",)
CAUSES = {"SSE-15": "not-json"}

REPORT = b'data: {"type":"load","data":{"mean":NaN}}\n\n'


def plant(seams: Seams) -> None:
    """Send the mean of nothing, as json.dumps writes it."""

    async def reporting(frames: Frames, _: HTTPConnection) -> Frames:
        count = 0
        async with aclosing(frames) as source:
            async for frame in source:
                count += 1
                yield frame
                if count % 6 == 0:
                    yield REPORT

    seams.frames("sse", reporting)
