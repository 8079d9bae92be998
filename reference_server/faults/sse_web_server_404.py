"""No location of the web server matches the stream's path: its own 404 page answers."""

from __future__ import annotations

from starlette.responses import HTMLResponse

from pulsegate.reference_server.tampering import Seams

BREAKS = ("SSE-1", "RT-1")
CAUSES = {"SSE-1": "missing-location", "RT-1": "missing-location"}

PAGE = "<html><head><title>404 Not Found</title></head><body><h1>404 Not Found</h1></body></html>"


def plant(seams: Seams) -> None:
    """Answer as a web server does for a file that is not there."""
    seams.instead(("sse", "rt"), lambda _: HTMLResponse(PAGE, 404))
