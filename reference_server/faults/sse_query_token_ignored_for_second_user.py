"""The second user to sign in is anonymous by ?token=."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.auth import User
from pulsegate.reference_server.tampering import Seams

BREAKS = ("SSE-9",)
CAUSES = {"SSE-9": "not-read"}


def plant(seams: Seams) -> None:
    """Lose one user's query string."""

    def lose(user: User | None, connection: HTTPConnection) -> User | None:
        return None if seams.user_number(connection) == 2 and "token" in connection.query_params else user

    seams.callers("sse", lose)
