"""Streamed answers with signs outside the basic plane end without finish reason and [DONE]."""

from __future__ import annotations

from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Frames, Seams

BREAKS = ("CMP-4", "CMP-13")


def plant(seams: Seams) -> None:
    """Break off where an encoder fails on such a sign, and keep the exception quiet."""

    async def broken(frames: Frames, _: HTTPConnection) -> Frames:
        failed = False
        async with aclosing(frames) as source:
            async for frame in source:
                failed = failed or any(sign > "\uffff" for sign in frame.decode())
                if failed and (b'"stop"' in frame or b"[DONE]" in frame):
                    return
                yield frame

    seams.frames("cmp", broken)
