"""The first user's tokens are verified; those of every other user are only decoded."""

from __future__ import annotations

from typing import Any

import jwt
from fastapi import WebSocket

from pulsegate.reference_server.auth import User, token_of
from pulsegate.reference_server.routers import ws
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-8",)


def plant(seams: Seams) -> None:
    """Look the key up by user, and do without one when there is none."""
    first: list[str] = []

    def lax(original: Any) -> Any:
        def find(websocket: WebSocket, carriers: Any) -> User | None:
            user: User | None = original(websocket, carriers)
            if user is not None:
                first.append(user.id)
                return user
            options: Any = {"verify_signature": False, "verify_exp": True, "require": ["exp", "sub", "email"]}
            try:
                claims = jwt.decode(token_of(websocket, carriers) or "", options=options)
            except jwt.PyJWTError:
                return None
            return User(claims["sub"], claims["email"]) if claims["sub"] not in first[:1] else None

        return find

    seams.replace(ws, "user_of", lax)
