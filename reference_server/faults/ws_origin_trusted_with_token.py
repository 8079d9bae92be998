"""A page of any origin may open a WebSocket with its visitor's cookie."""

from __future__ import annotations

from typing import Any

from fastapi import WebSocket

from pulsegate.reference_server.auth import ALL_CARRIERS, user_of
from pulsegate.reference_server.routers import ws
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-11",)


def plant(seams: Seams) -> None:
    """Check the origin of anonymous clients only."""

    def trusting(original: Any) -> Any:
        def allowed(websocket: WebSocket, origins: tuple[str, ...]) -> bool:
            return original(websocket, origins) or user_of(websocket, ALL_CARRIERS) is not None

        return allowed

    seams.replace(ws, "origin_allowed", trusting)
