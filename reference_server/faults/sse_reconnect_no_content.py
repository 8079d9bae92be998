"""A client that reconnects with Last-Event-ID is told 204, and never tries again."""

from __future__ import annotations

from starlette.requests import HTTPConnection
from starlette.responses import Response

from pulsegate.reference_server.tampering import Seams

BREAKS = ("SSE-1",)
CAUSES = {"SSE-1": "no-content"}


def plant(seams: Seams) -> None:
    """Take a reconnection for a question whether there is anything new."""

    def nothing_new(connection: HTTPConnection) -> Response | None:
        return Response(status_code=204) if "last-event-id" in connection.headers else None

    seams.instead("sse", nothing_new)
