"""GET /health answers 404."""

from __future__ import annotations

from starlette.responses import JSONResponse

from pulsegate.reference_server.tampering import Seams

BREAKS = ("HEALTH-1",)
CAUSES = {"HEALTH-1": "not-deployed"}


def plant(seams: Seams) -> None:
    """Forget the route."""
    seams.instead("health", lambda _: JSONResponse({"detail": "Not Found"}, 404))
