"""A bad token gets 401 instead of an anonymous stream."""

from __future__ import annotations

from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, Response

from pulsegate.reference_server.auth import STREAM_CARRIERS, token_of
from pulsegate.reference_server.tampering import Seams

BREAKS = ("SSE-10",)
CAUSES = {"SSE-10": "refused"}


def plant(seams: Seams) -> None:
    """Require what should be optional once a token is presented."""

    def refuse(connection: HTTPConnection) -> Response | None:
        bad = token_of(connection, STREAM_CARRIERS) is not None and seams.user_number(connection) == 0
        return JSONResponse({"detail": "Could not validate credentials"}, 401) if bad else None

    seams.instead("sse", refuse)
