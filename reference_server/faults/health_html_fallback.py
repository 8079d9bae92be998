"""GET /health answers the front end's page."""

from __future__ import annotations

from starlette.responses import HTMLResponse

from pulsegate.reference_server.tampering import Seams

BREAKS = ("HEALTH-1",)
CAUSES = {"HEALTH-1": "html-fallback"}


def plant(seams: Seams) -> None:
    """Serve the single-page application for every path."""
    seams.instead("health", lambda _: HTMLResponse("<!doctype html><html><title>App</title></html>"))
