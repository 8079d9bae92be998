"""The completions endpoint answers with the front end's page."""

from __future__ import annotations

from starlette.responses import HTMLResponse

from pulsegate.reference_server.tampering import Seams

BREAKS = ("CMP-2",)
CAUSES = {"CMP-2": "html-fallback"}

PAGE = '<!doctype html><html><head><title>App</title></head><body><div id="root"></div></body></html>'


def plant(seams: Seams) -> None:
    """Answer as the catch-all of a single-page application does."""
    seams.instead("cmp", lambda _: HTMLResponse(PAGE))
