"""Everyone who signs in is greeted by the name of the first who did."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.auth import User
from pulsegate.reference_server.tampering import Seams

BREAKS = ("SSE-8", "SSE-9")
CAUSES = {"SSE-8": "other-user", "SSE-9": "other-user"}


def plant(seams: Seams) -> None:
    """Cache the caller under a key that all share."""
    cached: list[User] = []

    def first(user: User | None, _: HTTPConnection) -> User | None:
        if user is None:
            return None
        cached.append(user)
        return cached[0]

    seams.callers("sse", first)
