"""A client that accepts gzip gets a compressed stream."""

from __future__ import annotations

import zlib
from contextlib import aclosing

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Frames, Seams

BREAKS = ("SSE-14",)
CAUSES = {"SSE-14": "compressed"}


def plant(seams: Seams) -> None:
    """Compress each event as it leaves."""

    def asked(connection: HTTPConnection) -> bool:
        return "gzip" in connection.headers.get("accept-encoding", "")

    def encoding(headers: MutableHeaders, connection: HTTPConnection) -> None:
        if asked(connection) and connection.scope["method"] == "GET":
            headers["content-encoding"] = "gzip"

    async def compressed(frames: Frames, connection: HTTPConnection) -> Frames:
        packer = zlib.compressobj(wbits=31) if asked(connection) else None
        async with aclosing(frames) as source:
            async for frame in source:
                yield packer.compress(frame) + packer.flush(zlib.Z_SYNC_FLUSH) if packer else frame
        if packer:
            yield packer.flush()

    seams.headers("sse", encoding)
    seams.frames("sse", compressed)
