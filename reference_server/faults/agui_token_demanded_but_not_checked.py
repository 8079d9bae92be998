"""A run needs a token, and any will do."""

from __future__ import annotations

from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse

from pulsegate.reference_server.tampering import Seams

BREAKS = ("AGUI-15",)


def plant(seams: Seams) -> None:
    """Look whether there is a header, and leave the rest to a gateway that is not there."""

    def demanded(connection: HTTPConnection) -> JSONResponse | None:
        if connection.headers.get("authorization"):
            return None
        return JSONResponse({"detail": "Not authenticated"}, 401)

    seams.instead("agui", demanded)
