"""The stream accepts a query token that never expires."""

from __future__ import annotations

import jwt
from starlette.requests import HTTPConnection

from pulsegate.reference_server.auth import User
from pulsegate.reference_server.tampering import Seams

BREAKS = ("AUTH-2",)


def plant(seams: Seams) -> None:
    """Verify the query's token with the library's defaults."""
    secret = seams.services.settings.jwt_secret

    def lenient(user: User | None, connection: HTTPConnection) -> User | None:
        try:
            claims = jwt.decode(connection.query_params.get("token", ""), secret, ["HS256"])
        except jwt.PyJWTError:
            return user
        return User(claims["sub"], claims["email"])

    seams.callers("sse", lenient)
