"""HEAD answers 405: only GET is routed."""

from __future__ import annotations

from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, Response

from pulsegate.reference_server.tampering import Seams

BREAKS = ("SSE-2",)
CAUSES = {"SSE-2": "head-405"}


def plant(seams: Seams) -> None:
    """Answer HEAD as a GET route does by itself."""

    def refuse(connection: HTTPConnection) -> Response | None:
        if connection.scope["method"] != "HEAD":
            return None
        return JSONResponse({"detail": "Method Not Allowed"}, 405, headers={"Allow": "GET"})

    seams.instead("sse", refuse)
