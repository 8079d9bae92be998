"""The chat endpoint answers with the front end's page."""

from __future__ import annotations

from starlette.responses import HTMLResponse

from pulsegate.reference_server.tampering import Seams

BREAKS = ("RUN-1",)
CAUSES = {"RUN-1": "front-end"}


PAGE = '<!doctype html><html><head><title>Chat</title></head><body><div id="root"></div></body></html>'


def plant(seams: Seams) -> None:
    """Answer as the catch-all of a single-page application does."""
    seams.instead("run", lambda _: HTMLResponse(PAGE))
