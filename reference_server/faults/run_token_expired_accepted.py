"""An expired token acts, and names its user."""

from __future__ import annotations

from typing import Any

import jwt
from starlette.requests import HTTPConnection

from pulsegate.reference_server.auth import BEARER_ONLY, User, token_of
from pulsegate.reference_server.tampering import Seams

BREAKS = ("RUN-6", "RUN-9")


def plant(seams: Seams) -> None:
    """Leave the expiry unverified."""
    secret = seams.services.settings.jwt_secret

    def lax(user: User | None, connection: HTTPConnection) -> User | None:
        token = token_of(connection, BEARER_ONLY)
        if user is not None or token is None:
            return user
        options: Any = {"verify_exp": False, "require": ["exp", "sub", "email"]}
        try:
            claims = jwt.decode(token, secret, algorithms=["HS256"], options=options)
        except jwt.PyJWTError:
            return None
        return User(claims["sub"], claims["email"])

    seams.callers("run", lax)
