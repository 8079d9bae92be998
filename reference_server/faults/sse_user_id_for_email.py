"""The connection event names the user by the token's sub, and not by the e-mail address."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import HTTPConnection

from pulsegate.reference_server.auth import User
from pulsegate.reference_server.tampering import Seams

BREAKS = ("SSE-8", "SSE-9")
CAUSES = {"SSE-8": "other-user", "SSE-9": "other-user"}


def plant(seams: Seams) -> None:
    """Read the wrong claim."""

    def by_id(user: User | None, _: HTTPConnection) -> User | None:
        return replace(user, email=user.id) if user else None

    seams.callers("sse", by_id)
