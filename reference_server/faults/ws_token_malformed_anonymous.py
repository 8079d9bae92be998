"""A token that is not even shaped like one makes an anonymous client."""

from __future__ import annotations

from typing import Any

from fastapi import WebSocket

from pulsegate.reference_server.routers import ws
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-8",)
CAUSES = {"WS-8": "accepted-malformed"}


def plant(seams: Seams) -> None:
    """Take what has no two dots for no token."""

    def shaped(original: Any) -> Any:
        def find(websocket: WebSocket, carriers: Any) -> str | None:
            token: str | None = original(websocket, carriers)
            return token if token is not None and token.count(".") == 2 else None

        return find

    seams.replace(ws, "token_of", shaped)
