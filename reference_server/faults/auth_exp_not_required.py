"""A token without an expiry is accepted for ever."""

from __future__ import annotations

import jwt

from pulsegate.reference_server.auth import User
from pulsegate.reference_server.tampering import Seams

BREAKS = ("AUTH-2",)


def plant(seams: Seams) -> None:
    """Decode with the library's defaults: exp is checked only when it is there."""
    secret = seams.services.settings.jwt_secret

    def verify(token: str) -> User | None:
        try:
            claims = jwt.decode(token, secret, ["HS256"])
            return User(claims["sub"], claims["email"])
        except (jwt.PyJWTError, ValueError, KeyError):
            return None

    seams.services.verify = verify
