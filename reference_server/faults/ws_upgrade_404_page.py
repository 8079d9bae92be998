"""The WebSocket upgrade is answered with a web server's own 404 page: no location of the proxy matches the path."""

from __future__ import annotations

from starlette.responses import HTMLResponse

from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-1",)
CAUSES = {"WS-1": "missing-location"}


PAGE = "<html><head><title>404 Not Found</title></head><body><center><h1>404 Not Found</h1></center></body></html>"


def plant(seams: Seams) -> None:
    """Answer as nginx does for a path without a location."""
    seams.refuse_upgrades(HTMLResponse(PAGE, 404))
