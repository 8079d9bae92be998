"""A rule for versioned files makes every URL with a query cacheable, ?token= included."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Seams

BREAKS = ("SSE-3",)


def plant(seams: Seams) -> None:
    """Take any query for a file's version."""

    def cacheable(headers: MutableHeaders, connection: HTTPConnection) -> None:
        if connection.url.query:
            headers["cache-control"] = "public, max-age=31536000"

    seams.headers("sse", cacheable)
