"""Every surface accepts a token that names the algorithm none."""

from __future__ import annotations

from typing import Any

import jwt

from pulsegate.reference_server.auth import User
from pulsegate.reference_server.tampering import Seams

BREAKS = ("SSE-10", "RUN-6", "RUN-9", "WS-8", "KIT-3", "CMP-1", "CHAT-4")
CAUSES = {"SSE-10": "accepted-alg-none"}


def plant(seams: Seams) -> None:
    """Take the algorithm from the token."""
    services = seams.services

    def make(original: Any) -> Any:
        def verify(token: str) -> User | None:
            try:
                if jwt.get_unverified_header(token).get("alg", "").lower() == "none":
                    claims = jwt.decode(token, options={"verify_signature": False, "verify_exp": True})
                    return User(claims["sub"], claims["email"])
            except (jwt.PyJWTError, KeyError):
                return None
            known: User | None = original(token)
            return known

        return verify

    seams.replace(services, "verify", make)
