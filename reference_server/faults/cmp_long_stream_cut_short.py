"""Streamed answers of more than eighty words end in mid-sentence, without finish reason and [DONE]."""

from __future__ import annotations

from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Frames, Seams

BREAKS = ("CMP-4", "CMP-13")
CAUSES = {"CMP-13": "cut-short"}


def plant(seams: Seams) -> None:
    """Give up after some seconds, as a worker's time limit does."""

    async def cut(frames: Frames, _: HTTPConnection) -> Frames:
        count = 0
        async with aclosing(frames) as source:
            async for frame in source:
                count += 1
                if count > 81:
                    return
                yield frame

    seams.frames("cmp", cut)
