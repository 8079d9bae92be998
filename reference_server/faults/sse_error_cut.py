"""After the error event the connection is cut, and the body never ends."""

from __future__ import annotations

from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Frames, Seams

BREAKS = ("SSE-13",)
CAUSES = {"SSE-13": "aborted"}


def plant(seams: Seams) -> None:
    """Raise once the error has been told."""

    async def raising(frames: Frames, _: HTTPConnection) -> Frames:
        async with aclosing(frames) as source:
            async for frame in source:
                yield frame
                if b'"type":"error"' in frame:
                    raise RuntimeError("the error has been told")

    seams.frames("sse", raising)
