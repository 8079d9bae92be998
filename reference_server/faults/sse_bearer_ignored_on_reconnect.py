"""A client that reconnects is anonymous unless its token stands in the query."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.auth import User
from pulsegate.reference_server.tampering import Seams

BREAKS = ("SSE-8",)
CAUSES = {"SSE-8": "not-read"}


def plant(seams: Seams) -> None:
    """Resume without reading the Authorization header."""

    def forget(user: User | None, connection: HTTPConnection) -> User | None:
        resumed = "last-event-id" in connection.headers and "token" not in connection.query_params
        return None if resumed else user

    seams.callers("sse", forget)
