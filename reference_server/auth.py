"""Who is calling: JSON Web Tokens signed with HS256, by header, query or cookie."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import jwt
from fastapi import HTTPException
from starlette.requests import HTTPConnection

from pulsegate.reference_server.settings import Settings

if TYPE_CHECKING:
    from pulsegate.reference_server.services import Services

COOKIE = "auth_token"


@dataclass(frozen=True)
class User:
    """An authenticated caller: the claims ``sub`` and ``email``."""

    id: str
    email: str


class Carrier(Enum):
    """Where a token may come from."""

    BEARER = "bearer"
    QUERY = "query"
    COOKIE = "cookie"


BEARER_ONLY = frozenset({Carrier.BEARER})
STREAM_CARRIERS = frozenset({Carrier.BEARER, Carrier.QUERY})
V1_CARRIERS = frozenset({Carrier.BEARER, Carrier.COOKIE})
ALL_CARRIERS = frozenset(Carrier)


def verify(token: str, settings: Settings) -> User | None:
    """The user a token speaks for, or None: bad signature, other algorithm, expired, no ``exp``, unreadable."""
    try:
        claims = jwt.decode(
            token, settings.jwt_secret, algorithms=["HS256"], options={"require": ["exp", "sub", "email"]}
        )
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError):
        return None
    user_id, email = claims["sub"], claims["email"]
    if not isinstance(user_id, str) or not isinstance(email, str) or not user_id:
        return None
    return User(user_id, email)


def token_of(connection: HTTPConnection, carriers: Collection[Carrier]) -> str | None:
    """The token a request presents through one of `carriers`; None when it presents none."""
    if Carrier.BEARER in carriers:
        scheme, _, token = connection.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return token.strip()
    if Carrier.QUERY in carriers and connection.query_params.get("token"):
        return connection.query_params["token"]
    if Carrier.COOKIE in carriers and connection.cookies.get(COOKIE):
        return connection.cookies[COOKIE]
    return None


def user_of(connection: HTTPConnection, carriers: Collection[Carrier]) -> User | None:
    """The user behind a request, or None; also notes the user's id for the request log."""
    token = token_of(connection, carriers)
    user = _verified(connection, token) if token is not None else None
    if user is not None:
        connection.state.user_id = user.id
    return user


def _verified(connection: HTTPConnection, token: str) -> User | None:
    """Whom `token` speaks for; found out once a request, however many limits and routes ask."""
    services: Services = connection.app.state.services
    known: tuple[str, User | None] | None = getattr(connection.state, "verified", None)
    if known is None or known[0] != token:
        known = connection.state.verified = (token, services.verify(token))
        if known[1] is None:
            services.audit.note(connection, "token.refused", outcome="refused")
    return known[1]


class OptionalUser:
    """Dependency: the caller, or None when anonymous or when the token is bad."""

    def __init__(self, carriers: Collection[Carrier]) -> None:
        self.carriers = carriers

    async def __call__(self, connection: HTTPConnection) -> User | None:
        """Find the caller; a coroutine only because FastAPI hands what is none to a thread."""
        return user_of(connection, self.carriers)


class RequireUser:
    """Dependency: the caller; 401 JSON when there is none."""

    def __init__(self, carriers: Collection[Carrier]) -> None:
        self.carriers = carriers

    async def __call__(self, connection: HTTPConnection) -> User:
        """Find the caller, or answer 401."""
        return self.caller(connection)

    def caller(self, connection: HTTPConnection) -> User:
        """The caller; HTTPException(401)."""
        user = user_of(connection, self.carriers)
        if user is None:
            raise HTTPException(401, "A valid token is required.", headers={"WWW-Authenticate": "Bearer"})
        return user


optional_user = OptionalUser(BEARER_ONLY)
require_user = RequireUser(BEARER_ONLY)
require_v1_user = RequireUser(V1_CARRIERS)
