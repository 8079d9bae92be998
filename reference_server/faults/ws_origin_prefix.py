"""An origin that begins with the configured one is allowed."""

from __future__ import annotations

from typing import Any

from fastapi import WebSocket

from pulsegate.reference_server.routers import ws
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-11",)


def plant(seams: Seams) -> None:
    """Compare beginnings."""

    def by_prefix(original: Any) -> Any:
        def allowed(websocket: WebSocket, origins: tuple[str, ...]) -> bool:
            return original(websocket, origins) or websocket.headers["origin"].startswith(origins)

        return allowed

    seams.replace(ws, "origin_allowed", by_prefix)
