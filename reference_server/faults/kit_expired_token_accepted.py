"""The ChatKit endpoint goes on accepting tokens after they have expired."""

from __future__ import annotations

from typing import Any

import jwt
from fastapi import HTTPException
from starlette.requests import Request

from pulsegate.reference_server.auth import BEARER_ONLY, User, require_user, token_of
from pulsegate.reference_server.tampering import Seams

BREAKS = ("KIT-3",)
CAUSES = {"KIT-3": "bad-token"}


def plant(seams: Seams) -> None:
    """Decode the token with a signature, and without looking at the time."""
    secret = seams.services.settings.jwt_secret
    options: Any = {"require": ["exp", "sub", "email"], "verify_exp": False}

    def user_of(request: Request) -> User:
        try:
            claims = jwt.decode(token_of(request, BEARER_ONLY) or "", secret, algorithms=["HS256"], options=options)
        except jwt.PyJWTError:
            raise HTTPException(401, "A valid token is required.") from None
        return User(claims["sub"], claims["email"])

    seams.app.dependency_overrides[require_user] = user_of
