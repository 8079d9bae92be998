"""The auth_token cookie is ignored on the /api/v1 routes: only the Authorization header counts."""

from __future__ import annotations

from pulsegate.reference_server.auth import BEARER_ONLY, require_v1_user
from pulsegate.reference_server.tampering import Seams

BREAKS = ("CMP-1", "CHAT-4")
CAUSES = {"CMP-1": "cookie-ignored", "CHAT-4": "cookie-ignored"}


def plant(seams: Seams) -> None:
    """Let the dependency of both routes read the header only."""
    seams.replace(require_v1_user, "carriers", lambda _: BEARER_ONLY)
