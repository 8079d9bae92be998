"""A caller without a token is taken for the user who signed in last."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.auth import STREAM_CARRIERS, User, token_of
from pulsegate.reference_server.tampering import Seams

BREAKS = ("SSE-7",)


def plant(seams: Seams) -> None:
    """Keep the current user in a variable of the module."""
    kept: list[User] = []

    def last(user: User | None, connection: HTTPConnection) -> User | None:
        if user is not None:
            kept[:] = [user]
        elif kept and token_of(connection, STREAM_CARRIERS) is None:
            return kept[0]
        return user

    seams.callers("sse", last)
