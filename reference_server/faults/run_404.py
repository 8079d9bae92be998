"""The chat endpoint answers 404: its router is not included."""

from __future__ import annotations

from starlette.responses import JSONResponse

from pulsegate.reference_server.tampering import Seams

BREAKS = ("RUN-1",)
CAUSES = {"RUN-1": "not-deployed"}


def plant(seams: Seams) -> None:
    """Answer as an application without the route does."""
    seams.instead("run", lambda _: JSONResponse({"detail": "Not Found"}, 404))
