"""The chat endpoint answers 405: only GET, the stream, is routed."""

from __future__ import annotations

from starlette.responses import JSONResponse

from pulsegate.reference_server.tampering import Seams

BREAKS = ("RUN-1",)
CAUSES = {"RUN-1": "post-missing"}


def plant(seams: Seams) -> None:
    """Answer as an application with only the GET route does."""
    seams.instead("run", lambda _: JSONResponse({"detail": "Method Not Allowed"}, 405, {"Allow": "GET"}))
