"""A text that is no token at all signs its sender in as a guest."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.auth import STREAM_CARRIERS, User, token_of
from pulsegate.reference_server.tampering import Seams

BREAKS = ("SSE-10",)
CAUSES = {"SSE-10": "accepted-malformed"}


def plant(seams: Seams) -> None:
    """Take the tokens of an older login for good until all clients are updated."""

    def guest(user: User | None, connection: HTTPConnection) -> User | None:
        token = token_of(connection, STREAM_CARRIERS)
        return User("guest", "guest@example.com") if user is None and token and "." not in token else user

    seams.callers("sse", guest)
