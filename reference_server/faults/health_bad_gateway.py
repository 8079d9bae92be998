"""The proxy finds no backend for GET /health: 502 and its own page."""

from __future__ import annotations

from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, Response

from pulsegate.reference_server.tampering import Seams

BREAKS = ("HEALTH-1",)
CAUSES = {"HEALTH-1": "backend-down"}


def plant(seams: Seams) -> None:
    """Stop the backend, not the proxy."""

    def nobody(_: HTTPConnection) -> Response:
        return HTMLResponse("<html><body><center><h1>502 Bad Gateway</h1></center></body></html>", 502)

    seams.instead("health", nobody)
