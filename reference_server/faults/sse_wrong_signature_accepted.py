"""The stream reads the claims of a token without verifying its signature."""

from __future__ import annotations

import jwt
from starlette.requests import HTTPConnection

from pulsegate.reference_server.auth import STREAM_CARRIERS, User, token_of
from pulsegate.reference_server.tampering import Seams

BREAKS = ("SSE-10",)
CAUSES = {"SSE-10": "accepted-wrong-signature"}


def plant(seams: Seams) -> None:
    """Decode the token for display only, as the author thought."""

    def unverified(_: User | None, connection: HTTPConnection) -> User | None:
        token = token_of(connection, STREAM_CARRIERS) or ""
        try:
            claims = jwt.decode(
                token, options={"verify_signature": False, "verify_exp": True, "require": ["exp", "sub", "email"]}
            )
        except jwt.PyJWTError:
            return None
        return User(claims["sub"], claims["email"])

    seams.callers("sse", unverified)
