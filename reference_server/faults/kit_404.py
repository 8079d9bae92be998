"""The ChatKit endpoint answers with the web front end's 404 page: it has no proxy route for it."""

from __future__ import annotations

from starlette.responses import HTMLResponse

from pulsegate.reference_server.tampering import Seams

BREAKS = ("KIT-5",)
CAUSES = {"KIT-5": "missing-location"}

PAGE = '<!doctype html><html><head><title>404</title></head><body><div id="root"></div></body></html>'


def plant(seams: Seams) -> None:
    """Answer as a web front end without the route does."""
    seams.instead("kit", lambda _: HTMLResponse(PAGE, 404))
