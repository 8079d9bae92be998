"""The keep-alive of a finished run stops after the first comment."""

from __future__ import annotations

from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Frames, Seams

BREAKS = ("RT-9",)


def plant(seams: Seams) -> None:
    """Let the watchdog that sends them die with the run's task."""

    async def stopping(frames: Frames, _: HTTPConnection) -> Frames:
        over, comments = False, 0
        async with aclosing(frames) as source:
            async for frame in source:
                over = over or b'"progress":100,"message"' in frame
                comments += over and frame.startswith(b":")
                if comments < 2 or not frame.startswith(b":"):
                    yield frame

    seams.frames("rt", stopping)
