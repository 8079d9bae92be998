"""A client without a token is refused with 401."""

from __future__ import annotations

from typing import Any

from fastapi import WebSocket

from pulsegate.reference_server.auth import User
from pulsegate.reference_server.routers import ws
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-1", "WS-8")
CAUSES = {"WS-1": "refused", "WS-8": "anonymous-refused"}


def plant(seams: Seams) -> None:
    """Demand a token."""

    def demanding(original: Any) -> Any:
        def refusal(websocket: WebSocket, user: User | None, services: Any) -> tuple[int, str] | None:
            if user is None:
                return 401, "A token is required."
            refused: tuple[int, str] | None = original(websocket, user, services)
            return refused

        return refusal

    seams.replace(ws, "_refusal", demanding)
