"""A token that is no JWT makes the stream's route fail with 500."""

from __future__ import annotations

from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, Response

from pulsegate.reference_server.auth import STREAM_CARRIERS, token_of
from pulsegate.reference_server.tampering import Seams

BREAKS = ("SSE-10",)
CAUSES = {"SSE-10": "crashed"}


def plant(seams: Seams) -> None:
    """Leave the exception of a token without three parts uncaught."""

    def crash(connection: HTTPConnection) -> Response | None:
        token = token_of(connection, STREAM_CARRIERS)
        return JSONResponse({"detail": "Internal server error."}, 500) if token and token.count(".") != 2 else None

    seams.instead("sse", crash)
