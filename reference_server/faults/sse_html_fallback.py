"""The single-page app's catch-all route answers in place of the stream: 200 and a web page."""

from __future__ import annotations

from starlette.responses import HTMLResponse

from pulsegate.reference_server.tampering import Seams

BREAKS = ("SSE-1", "RT-1")
CAUSES = {"SSE-1": "html-fallback", "RT-1": "html-fallback"}

PAGE = '<!doctype html>\n<html lang="en"><title>App</title><div id="root"></div></html>'


def plant(seams: Seams) -> None:
    """Serve the front end under the stream's path."""
    seams.instead(("sse", "rt"), lambda _: HTMLResponse(PAGE))
