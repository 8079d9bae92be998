"""An expired token is accepted on the /api/v1 routes when it comes as a cookie."""

from __future__ import annotations

from collections.abc import Callable, Collection

import jwt
from starlette.requests import HTTPConnection

from pulsegate.reference_server import auth
from pulsegate.reference_server.tampering import Seams

BREAKS = ("CMP-1", "CHAT-4")


UserOf = Callable[[HTTPConnection, Collection[auth.Carrier]], auth.User | None]


def plant(seams: Seams) -> None:
    """Trust the browser to forget a cookie in time, and do not verify its expiry."""
    secret = seams.services.settings.jwt_secret

    def lenient(original: UserOf) -> UserOf:
        def user_of(connection: HTTPConnection, carriers: Collection[auth.Carrier]) -> auth.User | None:
            user = original(connection, carriers)
            token = connection.cookies.get(auth.COOKIE)
            if user is not None or token is None or carriers is not auth.V1_CARRIERS:
                return user
            try:
                claims = jwt.decode(token, secret, ["HS256"], options={"verify_exp": False, "require": ["exp"]})
            except jwt.PyJWTError:
                return None
            return auth.User(claims["sub"], claims["email"])

        return user_of

    seams.replace(auth, "user_of", lenient)
