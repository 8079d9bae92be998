"""The plain chat endpoint accepts ?token= for one account that tries a new client."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.auth import STREAM_CARRIERS, User, user_of
from pulsegate.reference_server.tampering import Seams

BREAKS = ("AUTH-1",)

BETA = "bob@example.com"


def plant(seams: Seams) -> None:
    """Let the accounts of a beta list in by other ways."""

    def beta(user: User | None, connection: HTTPConnection) -> User | None:
        found = user or user_of(connection, STREAM_CARRIERS)
        return found if found and found.email == BETA else user

    seams.callers("chat", beta)
