"""The WebSocket accepts a token that has expired."""

from __future__ import annotations

from typing import Any

import jwt
from fastapi import WebSocket

from pulsegate.reference_server.auth import User, token_of
from pulsegate.reference_server.routers import ws
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-8",)
CAUSES = {"WS-8": "accepted-expired"}


def plant(seams: Seams) -> None:
    """Leave the expiry unverified."""
    settings = seams.services.settings

    def lax(original: Any) -> Any:
        def find(websocket: WebSocket, carriers: Any) -> User | None:
            token = token_of(websocket, carriers)
            user: User | None = original(websocket, carriers)
            if token is None or user is not None:
                return user
            options: Any = {"verify_exp": False, "require": ["exp", "sub", "email"]}
            try:
                claims = jwt.decode(token, settings.jwt_secret, algorithms=["HS256"], options=options)
            except jwt.PyJWTError:
                return None
            return User(claims["sub"], claims["email"])

        return find

    seams.replace(ws, "user_of", lax)
