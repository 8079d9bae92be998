"""The origin null, which any sandboxed page has, is allowed."""

from __future__ import annotations

from typing import Any

from fastapi import WebSocket

from pulsegate.reference_server.routers import ws
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-11",)


def plant(seams: Seams) -> None:
    """Take null for no origin."""

    def null_too(original: Any) -> Any:
        def allowed(websocket: WebSocket, origins: tuple[str, ...]) -> bool:
            return original(websocket, origins) or websocket.headers["origin"] == "null"

        return allowed

    seams.replace(ws, "origin_allowed", null_too)
