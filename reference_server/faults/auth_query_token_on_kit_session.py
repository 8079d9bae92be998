"""A ChatKit session can be had with a token in the URL."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.auth import STREAM_CARRIERS, User, user_of
from pulsegate.reference_server.tampering import Seams

BREAKS = ("AUTH-1",)


def plant(seams: Seams) -> None:
    """Add the query parameter for a client that could not set headers."""

    def by_query(user: User | None, connection: HTTPConnection) -> User | None:
        return user_of(connection, STREAM_CARRIERS) if connection.url.path.endswith("/session") else user

    seams.callers("kit", by_query)
