"""HEAD with a token is answered by a health handler that sets no Content-Type."""

from __future__ import annotations

from starlette.requests import HTTPConnection
from starlette.responses import Response

from pulsegate.reference_server.tampering import Seams

BREAKS = ("SSE-2",)


def plant(seams: Seams) -> None:
    """Answer HEAD of a signed-in caller with nothing but a status."""

    def bare(connection: HTTPConnection) -> Response | None:
        known = connection.scope["method"] == "HEAD" and seams.user_number(connection)
        return Response() if known else None

    seams.instead("sse", bare)
