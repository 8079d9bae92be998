"""Heartbeats come two at a time, every second interval."""

from __future__ import annotations

from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Frames, Seams

BREAKS = ("SSE-11", "SSE-14")
CAUSES = {"SSE-11": "irregular", "SSE-14": "bunched"}


def plant(seams: Seams) -> None:
    """Keep every other heartbeat for the next."""

    async def paired(frames: Frames, _: HTTPConnection) -> Frames:
        kept = b""
        async with aclosing(frames) as source:
            async for frame in source:
                if b'"heartbeat"' in frame and not kept:
                    kept = frame
                    continue
                yield kept + frame
                kept = b""

    seams.frames("sse", paired)
