"""Once a user has connected, any token that names this user is accepted."""

from __future__ import annotations

from typing import Any

import jwt
from fastapi import WebSocket

from pulsegate.reference_server.auth import User, token_of
from pulsegate.reference_server.routers import ws
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-8", "AUTH-2")


def plant(seams: Seams) -> None:
    """Look into a cache of users before verifying."""
    known: dict[str, User] = {}

    def cached(original: Any) -> Any:
        def find(websocket: WebSocket, carriers: Any) -> User | None:
            try:
                claims = jwt.decode(token_of(websocket, carriers) or "", options={"verify_signature": False})
            except jwt.PyJWTError:
                claims = {}
            user: User | None = known.get(claims.get("sub", "")) or original(websocket, carriers)
            if user is not None:
                known[user.id] = user
            return user

        return find

    seams.replace(ws, "user_of", cached)
