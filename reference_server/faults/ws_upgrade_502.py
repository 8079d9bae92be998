"""The WebSocket upgrade is answered with 502 by a proxy whose backend does not run."""

from __future__ import annotations

from starlette.responses import HTMLResponse

from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-1",)
CAUSES = {"WS-1": "backend-down"}


PAGE = "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>"


def plant(seams: Seams) -> None:
    """Answer as nginx does without an upstream."""
    seams.refuse_upgrades(HTMLResponse(PAGE, 502))
