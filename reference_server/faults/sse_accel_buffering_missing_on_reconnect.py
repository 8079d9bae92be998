"""A stream that is opened again with Last-Event-ID lacks X-Accel-Buffering."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Seams

BREAKS = ("SSE-4",)


def plant(seams: Seams) -> None:
    """Forget the header on the path that resumes."""

    def without(headers: MutableHeaders, connection: HTTPConnection) -> None:
        if "last-event-id" in connection.headers:
            del headers["x-accel-buffering"]

    seams.headers("sse", without)
