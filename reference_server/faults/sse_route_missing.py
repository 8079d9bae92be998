"""The router was never included, so the stream's path answers 404."""

from __future__ import annotations

from starlette.responses import JSONResponse

from pulsegate.reference_server.tampering import Seams

BREAKS = ("SSE-1", "RT-1")
CAUSES = {"SSE-1": "not-deployed", "RT-1": "not-deployed"}


def plant(seams: Seams) -> None:
    """Answer as the framework does for an unknown path."""
    seams.instead(("sse", "rt"), lambda _: JSONResponse({"detail": "Not Found"}, 404))
