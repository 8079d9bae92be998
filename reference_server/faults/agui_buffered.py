"""All events of a run come at its end."""

from __future__ import annotations

from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Frames, Seams

BREAKS = ("AGUI-12",)


def plant(seams: Seams) -> None:
    """Collect the body, as a compressing middleware does."""

    async def collected(frames: Frames, _: HTTPConnection) -> Frames:
        held = b""
        async with aclosing(frames) as source:
            async for frame in source:
                held += frame
        yield held

    seams.frames("agui", collected)
