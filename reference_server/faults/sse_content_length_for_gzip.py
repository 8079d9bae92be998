"""A client that accepts gzip gets a stream with a Content-Length."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Seams

BREAKS = ("SSE-14",)
CAUSES = {"SSE-14": "fixed-length"}


def plant(seams: Seams) -> None:
    """Promise a length to keep the compressor from chunking."""

    def promise(headers: MutableHeaders, connection: HTTPConnection) -> None:
        if connection.scope["method"] == "GET" and "gzip" in connection.headers.get("accept-encoding", ""):
            headers["content-length"] = str(1 << 30)

    seams.headers("sse", promise)
