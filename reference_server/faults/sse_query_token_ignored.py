"""A token in the query is ignored."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.auth import User
from pulsegate.reference_server.tampering import Seams

BREAKS = ("SSE-9",)
CAUSES = {"SSE-9": "not-read"}


def plant(seams: Seams) -> None:
    """Read the Authorization header only."""

    def by_header(user: User | None, connection: HTTPConnection) -> User | None:
        return user if "authorization" in connection.headers else None

    seams.callers("sse", by_header)
