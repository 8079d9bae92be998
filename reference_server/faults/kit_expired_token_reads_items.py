"""A token that has expired still reads the items of a thread, and nothing else."""

from __future__ import annotations

import jwt
from starlette.requests import Request

from pulsegate.reference_server.auth import BEARER_ONLY, User, require_user, token_of
from pulsegate.reference_server.tampering import Seams

BREAKS = ("KIT-3",)


def plant(seams: Seams) -> None:
    """Give the one type of request that the front end polls a verifier that knows no time."""
    secret = seams.services.settings.jwt_secret

    async def user_of(request: Request) -> User:
        if b'"items.list"' not in await request.body():
            return require_user.caller(request)
        try:
            token = token_of(request, BEARER_ONLY) or ""
            claims = jwt.decode(
                token, secret, algorithms=["HS256"], options={"verify_exp": False, "require": ["exp", "sub", "email"]}
            )
        except jwt.PyJWTError:
            return require_user.caller(request)
        return User(claims["sub"], claims["email"])

    seams.app.dependency_overrides[require_user] = user_of
