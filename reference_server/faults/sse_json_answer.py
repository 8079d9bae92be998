"""GET answers one JSON object that says who is connected, and no stream."""

from __future__ import annotations

from starlette.responses import JSONResponse

from pulsegate.reference_server.tampering import Seams

BREAKS = ("SSE-1",)
CAUSES = {"SSE-1": "buffered-json"}

CONNECTION = {"type": "connection", "data": {"status": "connected", "authenticated": False}}


def plant(seams: Seams) -> None:
    """Answer with the connection event as a plain answer."""
    seams.instead("sse", lambda _: JSONResponse(CONNECTION))
