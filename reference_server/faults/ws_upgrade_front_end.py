"""The WebSocket upgrade is answered with the front end's page and status 200."""

from __future__ import annotations

from starlette.responses import HTMLResponse

from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-1",)
CAUSES = {"WS-1": "front-end"}


PAGE = '<!doctype html><html><head><title>Chat</title></head><body><div id="root"></div></body></html>'


def plant(seams: Seams) -> None:
    """Answer as the catch-all of a single-page application does."""
    seams.refuse_upgrades(HTMLResponse(PAGE))
