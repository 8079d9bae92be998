"""Every surface accepts a token that has expired."""

from __future__ import annotations

import jwt

from pulsegate.reference_server.auth import User
from pulsegate.reference_server.tampering import Seams

BREAKS = ("SSE-10", "RUN-6", "RUN-9", "WS-8", "KIT-3", "CMP-1", "CHAT-4")
CAUSES = {"SSE-10": "accepted-expired"}


def plant(seams: Seams) -> None:
    """Decode with the expiry check switched off, left over from a test."""
    secret = seams.services.settings.jwt_secret

    def verify(token: str) -> User | None:
        try:
            claims = jwt.decode(token, secret, ["HS256"], {"verify_exp": False, "require": ["exp", "sub", "email"]})
        except (jwt.PyJWTError, ValueError):
            return None
        return User(claims["sub"], claims["email"])

    seams.services.verify = verify
