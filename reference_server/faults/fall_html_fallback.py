"""POST /ai/chat is answered by the front end's page."""

from __future__ import annotations

from starlette.responses import HTMLResponse

from pulsegate.reference_server.tampering import Seams

BREAKS = ("FALL-1",)
CAUSES = {"FALL-1": "html-fallback"}


def plant(seams: Seams) -> None:
    """Pass on /api/ only."""
    seams.instead("fall", lambda _: HTMLResponse("<!doctype html><html><title>App</title></html>"))
