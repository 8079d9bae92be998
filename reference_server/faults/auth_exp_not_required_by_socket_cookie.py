"""The WebSocket accepts a cookie's token that never expires."""

from __future__ import annotations

import jwt
from starlette.requests import HTTPConnection

from pulsegate.reference_server.auth import COOKIE, User
from pulsegate.reference_server.tampering import Seams

BREAKS = ("AUTH-2",)


def plant(seams: Seams) -> None:
    """Verify cookies by older code than headers."""
    secret = seams.services.settings.jwt_secret

    def lenient(user: User | None, connection: HTTPConnection) -> User | None:
        try:
            claims = jwt.decode(connection.cookies.get(COOKIE, ""), secret, ["HS256"])
        except jwt.PyJWTError:
            return user
        return User(claims["sub"], claims["email"])

    seams.callers("ws", lenient)
