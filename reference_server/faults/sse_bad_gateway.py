"""The proxy finds no backend for GET /api/copilotkit: 502 and its own page."""

from __future__ import annotations

from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, Response

from pulsegate.reference_server.tampering import Seams

BREAKS = ("SSE-1", "RT-1")
CAUSES = {"SSE-1": "backend-down", "RT-1": "backend-down"}

PAGE = "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>"


def plant(seams: Seams) -> None:
    """Pass the path to a port where nobody listens."""

    def nobody(_: HTTPConnection) -> Response:
        return HTMLResponse(PAGE, 502)

    seams.instead(("sse", "rt"), nobody)
