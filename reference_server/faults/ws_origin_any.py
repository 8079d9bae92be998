"""A page of any origin may open a WebSocket."""

from __future__ import annotations

from pulsegate.reference_server.routers import ws
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-11",)


def plant(seams: Seams) -> None:
    """Leave origins to CORS, which does not protect WebSockets."""
    seams.replace(ws, "origin_allowed", lambda _: lambda _websocket, _allowed: True)
