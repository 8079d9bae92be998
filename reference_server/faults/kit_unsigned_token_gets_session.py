"""A token with the algorithm none is given a ChatKit session."""

from __future__ import annotations

import jwt
from starlette.requests import Request

from pulsegate.reference_server.auth import BEARER_ONLY, User, require_user, token_of
from pulsegate.reference_server.tampering import Seams

BREAKS = ("KIT-3",)


def plant(seams: Seams) -> None:
    """Take the algorithm from the token itself on the session route."""

    def user_of(request: Request) -> User:
        token = token_of(request, BEARER_ONLY) or ""
        if not request.url.path.endswith("/session") or not token.endswith("."):
            return require_user.caller(request)
        claims = jwt.decode(token, options={"verify_signature": False})
        return User(claims["sub"], claims["email"])

    seams.app.dependency_overrides[require_user] = user_of
