"""The WebSocket accepts a token of algorithm none."""

from __future__ import annotations

from typing import Any

import jwt
from fastapi import WebSocket

from pulsegate.reference_server.auth import User, token_of
from pulsegate.reference_server.routers import ws
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-8",)
CAUSES = {"WS-8": "accepted-alg-none"}


def plant(seams: Seams) -> None:
    """Let the token's own header say how it is signed."""

    def lax(original: Any) -> Any:
        def find(websocket: WebSocket, carriers: Any) -> User | None:
            token = token_of(websocket, carriers)
            user: User | None = original(websocket, carriers)
            try:
                if token is None or jwt.get_unverified_header(token)["alg"].lower() != "none":
                    return user
                claims = jwt.decode(token, options={"verify_signature": False, "require": ["exp", "sub", "email"]})
            except jwt.PyJWTError:
                return user
            return User(claims["sub"], claims["email"])

        return find

    seams.replace(ws, "user_of", lax)
