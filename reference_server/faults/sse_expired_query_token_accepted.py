"""An expired token still works in the query."""

from __future__ import annotations

import jwt
from starlette.requests import HTTPConnection

from pulsegate.reference_server.auth import User
from pulsegate.reference_server.tampering import Seams

BREAKS = ("SSE-10",)
CAUSES = {"SSE-10": "accepted-expired"}


def plant(seams: Seams) -> None:
    """Verify the signature of the query's token, and not its age."""
    secret = seams.services.settings.jwt_secret

    def ageless(user: User | None, connection: HTTPConnection) -> User | None:
        token = connection.query_params.get("token", "")
        try:
            claims = jwt.decode(token, secret, ["HS256"], {"verify_exp": False, "require": ["exp", "sub", "email"]})
        except jwt.PyJWTError:
            return user
        return User(claims["sub"], claims["email"])

    seams.callers("sse", ageless)
