"""Limits on what one caller may send: the size of a body, the number of requests."""

from __future__ import annotations

import math
from collections import OrderedDict
from time import monotonic
from typing import Protocol

from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pulsegate.reference_server.auth import BEARER_ONLY, V1_CARRIERS, user_of
from pulsegate.reference_server.shared.away import RETRY_LATER, RedisAway

Caller = tuple[str, str]

BODY_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
MAX_KEYS = 10_000


class TokenBucket:
    """`capacity` at once, `per_s` in the long run. Times are seconds of any clock, given by the caller."""

    def __init__(self, capacity: float, per_s: float, now: float) -> None:
        self._capacity = capacity
        self._per_s = per_s
        self._tokens = capacity
        self._at = now

    def take(self, now: float) -> float:
        """Take one token and return 0, or the seconds until there will be one."""
        self._tokens = min(self._capacity, self._tokens + (now - self._at) * self._per_s)
        self._at = now
        if self._tokens >= 1:
            self._tokens -= 1
            return 0.0
        return (1 - self._tokens) / self._per_s


class Limiter(Protocol):
    """Who counts requests; over several workers that is not one process's memory."""

    async def admit(self, caller: Caller) -> float:
        """Count one request of `caller`; 0 when it is admitted, else the seconds to wait. RedisAway."""


class RateLimiter:
    """A bucket per caller: `per_min` requests at once, refilled evenly over a minute."""

    def __init__(self, per_min: int) -> None:
        self._per_min = per_min
        self._buckets: OrderedDict[Caller, TokenBucket] = OrderedDict()

    async def admit(self, caller: Caller) -> float:
        """Count one request of `caller` now; 0 when it is admitted, else the seconds to wait."""
        return self.take(caller, monotonic())

    def take(self, key: Caller, now: float) -> float:
        """Count one request of `key`; 0 when it is admitted, else the seconds to wait."""
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = TokenBucket(self._per_min, self._per_min / 60, now)
            if len(self._buckets) > MAX_KEYS:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(key)
        return bucket.take(now)


def caller_key(connection: HTTPConnection) -> Caller:
    """Whose bucket a request counts against: the user's, or the address's when anonymous."""
    v1 = connection.url.path.startswith("/api/v1/")
    user = user_of(connection, V1_CARRIERS if v1 else BEARER_ONLY)
    if user is not None:
        return ("user", user.id)
    return ("address", connection.client.host if connection.client else "")


class RateLimit:
    """ASGI middleware: 429 with ``Retry-After`` for a caller's POST requests over the limit."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Admit the request, or answer 429."""
        if scope["type"] == "http" and scope["method"] == "POST":
            connection = HTTPConnection(scope)
            try:
                wait_s = await scope["app"].state.services.limiter.admit(caller_key(connection))
            except RedisAway as problem:
                await JSONResponse({"detail": str(problem)}, 503, headers=RETRY_LATER)(scope, receive, send)
                return
            if wait_s > 0:
                scope["app"].state.services.audit.note(connection, "rate.limited", outcome="refused")
                answer = JSONResponse(
                    {"detail": "Too many requests."}, 429, headers={"Retry-After": str(math.ceil(wait_s))}
                )
                await answer(scope, receive, send)
                return
        await self.app(scope, receive, send)


class BodyLimit:
    """ASGI middleware: 413 for a body over the limit, announced or not, without holding it."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self.app = app
        self.max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse what announces too much; count what announces nothing."""
        if scope["type"] != "http" or scope["method"] not in BODY_METHODS:
            await self.app(scope, receive, send)
            return
        length = Headers(scope=scope).get("content-length", "0")
        if length.isdigit() and int(length) > self.max_bytes:
            await JSONResponse({"detail": self._sentence()}, 413)(scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.max_bytes:
                raise HTTPException(413, self._sentence())
            return message

        await self.app(scope, counted, send)

    def _sentence(self) -> str:
        return f"The body is larger than the limit of {self.max_bytes} bytes."
