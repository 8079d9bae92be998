"""The WebSocket accepts a token whose signature is wrong."""

from __future__ import annotations

from typing import Any

import jwt
from fastapi import WebSocket

from pulsegate.reference_server.auth import User, token_of
from pulsegate.reference_server.routers import ws
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-8",)
CAUSES = {"WS-8": "accepted-wrong-signature"}


def plant(seams: Seams) -> None:
    """Decode tokens without verifying their signature."""

    def lax(original: Any) -> Any:
        def find(websocket: WebSocket, carriers: Any) -> User | None:
            token = token_of(websocket, carriers)
            options: Any = {"verify_signature": False, "verify_exp": True, "require": ["exp", "sub", "email"]}
            try:
                claims = jwt.decode(token or "", options=options)
            except jwt.PyJWTError:
                user: User | None = original(websocket, carriers)
                return user
            return User(claims["sub"], claims["email"])

        return find

    seams.replace(ws, "user_of", lax)
