"""The WebSocket upgrade is answered with 404 and a JSON error: the route is not included in the application."""

from __future__ import annotations

from starlette.responses import JSONResponse

from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-1",)
CAUSES = {"WS-1": "upgrade-lost"}


def plant(seams: Seams) -> None:
    """Answer as an application without the route does."""
    seams.refuse_upgrades(JSONResponse({"detail": "Not Found"}, 404))
