"""The stream of connection and heartbeats answers 401 to a caller without a token."""

from __future__ import annotations

from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, Response

from pulsegate.reference_server.auth import STREAM_CARRIERS, token_of
from pulsegate.reference_server.tampering import Seams

BREAKS = ("SSE-1", "SSE-2")
CAUSES = {"SSE-1": "refused"}


def plant(seams: Seams) -> None:
    """Demand a user where one was only to be looked for."""

    def demanded(connection: HTTPConnection) -> Response | None:
        missing = token_of(connection, STREAM_CARRIERS) is None and connection.scope["method"] != "OPTIONS"
        return JSONResponse({"detail": "Not authenticated"}, 401) if missing else None

    seams.instead("sse", demanded)
