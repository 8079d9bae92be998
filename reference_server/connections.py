"""How many connections one caller may hold at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from functools import partial
from typing import Protocol

from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from pulsegate.reference_server.auth import (
    ALL_CARRIERS,
    BEARER_ONLY,
    STREAM_CARRIERS,
    V1_CARRIERS,
    Carrier,
    user_of,
)
from pulsegate.reference_server.handover import when_over

#: When to ask again: nobody knows when a stream ends, so it is a guess that spreads the callers out a little.
RETRY_AFTER_S = 5

Caller = tuple[str, str]


class Places(Protocol):
    """Who keeps count of the places; over several workers that is not one process's memory."""

    async def admit(self, caller: Caller) -> bool:
        """Take a place for `caller`; False when all of theirs are taken."""

    async def leave(self, caller: Caller) -> None:
        """Give a place back that was taken."""


class Connections:
    """The places of every caller, in this process: `per_caller` each."""

    def __init__(self, per_caller: int) -> None:
        self._per_caller = per_caller
        self._held: Counter[Caller] = Counter()

    async def admit(self, caller: Caller) -> bool:
        """Take a place for `caller`; False when all of theirs are taken."""
        if self._held[caller] >= self._per_caller:
            return False
        self._held[caller] += 1
        return True

    async def leave(self, caller: Caller) -> None:
        """Give a place back; a caller who holds none is forgotten."""
        self._held[caller] -= 1
        if self._held[caller] <= 0:
            del self._held[caller]


def is_limited(scope: Scope) -> bool:
    """Whether a request takes a place: the surfaces do, while health, metrics and the page's files do not."""
    path = scope.get("path", "")
    if scope["type"] == "http" and (scope["method"] in ("HEAD", "OPTIONS") or path == "/api/chatkit/health"):
        return False
    return scope["type"] in ("http", "websocket") and path.startswith(("/api/", "/ai/", "/page/load"))


def holder_of(connection: HTTPConnection) -> Caller:
    """Who holds the place of a request: the user whom its surface knows, else the address."""
    user = user_of(connection, _carriers(connection.scope))
    if user is not None:
        return ("user", user.id)
    return ("address", connection.client.host if connection.client else "")


def _carriers(scope: Scope) -> Collection[Carrier]:
    if scope["type"] == "websocket":
        return ALL_CARRIERS
    if scope["path"].startswith("/api/v1/"):
        return V1_CARRIERS
    return STREAM_CARRIERS if scope["method"] == "GET" else BEARER_ONLY


class ConnectionLimit:
    """ASGI middleware: 429 with ``Retry-After`` for a caller who holds as many connections as one may.

    What is under way counts: streams and sockets while they are open, other requests until they are answered.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application while the caller holds a place, or answer 429."""
        if not is_limited(scope):
            await self.app(scope, receive, send)
            return
        services = scope["app"].state.services
        connection = HTTPConnection(scope)
        caller = holder_of(connection)
        if not await services.connections.admit(caller):
            services.audit.note(connection, "connections.limited", outcome="refused")
            answer = JSONResponse(
                {"detail": "Too many connections are open."}, 429, headers={"Retry-After": str(RETRY_AFTER_S)}
            )
            await answer(scope, receive, send)
            return
        when_over(scope, partial(services.connections.leave, caller))
        await self.app(scope, receive, send)
