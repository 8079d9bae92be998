"""Requests are served as fast as they come."""

from __future__ import annotations

from typing import Any

from starlette.types import Receive, Scope, Send

from pulsegate.reference_server.limits import RateLimit
from pulsegate.reference_server.tampering import Seams, surface_of

BREAKS = ("CMP-10",)
CAUSES = {"CMP-10": "no-429"}


def plant(seams: Seams) -> None:
    """Forget the limiter on this route."""

    def unlimited(original: Any) -> Any:
        async def call(limit: RateLimit, scope: Scope, receive: Receive, send: Send) -> None:
            served = limit.app if surface_of(scope) == "cmp" else original.__get__(limit)
            await served(scope, receive, send)

        return call

    seams.replace(RateLimit, "__call__", unlimited)
