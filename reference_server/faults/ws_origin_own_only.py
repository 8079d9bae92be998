"""The configured origin is refused, because only the server's own is allowed."""

from __future__ import annotations

from pulsegate.reference_server.routers import ws
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-11",)


def plant(seams: Seams) -> None:
    """Compare with the Host header alone."""
    seams.replace(ws, "origin_allowed", lambda original: lambda websocket, _: original(websocket, ()))
