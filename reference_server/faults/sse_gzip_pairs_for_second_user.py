"""The second user to sign in gets heartbeats in pairs if the client accepts gzip."""

from __future__ import annotations

from contextlib import aclosing

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Frames, Seams

BREAKS = ("SSE-14",)


def plant(seams: Seams) -> None:
    """Collect two heartbeats before they are worth compressing."""

    async def paired(frames: Frames, connection: HTTPConnection) -> Frames:
        gzip = "gzip" in connection.headers.get("accept-encoding", "")
        collect = gzip and seams.user_number(connection) == 2
        kept = b""
        async with aclosing(frames) as source:
            async for frame in source:
                if collect and not kept and b'"heartbeat"' in frame:
                    kept = frame
                    continue
                yield kept + frame
                kept = b""

    seams.frames("sse", paired)
