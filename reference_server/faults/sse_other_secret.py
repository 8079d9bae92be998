"""The stream verifies tokens with another secret than the one they are signed with, and knows nobody."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.auth import User
from pulsegate.reference_server.tampering import Seams

BREAKS = ("SSE-8", "SSE-9")
CAUSES = {"SSE-8": "wrong-key", "SSE-9": "wrong-key"}


def plant(seams: Seams) -> None:
    """Read the secret of another environment."""

    def nobody(_: User | None, __: HTTPConnection) -> User | None:
        return None

    seams.callers("sse", nobody)
