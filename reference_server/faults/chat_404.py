"""The plain chat endpoint answers 404: its router is not included."""

from __future__ import annotations

from starlette.responses import JSONResponse

from pulsegate.reference_server.tampering import Seams

BREAKS = ("CHAT-1",)
CAUSES = {"CHAT-1": "not-deployed"}


def plant(seams: Seams) -> None:
    """Answer as an application without the route does."""
    seams.instead("chat", lambda _: JSONResponse({"detail": "Not Found"}, 404))
