"""Client secrets have 22 characters only."""

from __future__ import annotations

from secrets import token_urlsafe
from types import SimpleNamespace

from pulsegate.reference_server.store import secrets
from pulsegate.reference_server.tampering import Seams

BREAKS = ("KIT-2",)
CAUSES = {"KIT-2": "weak-secret"}


def plant(seams: Seams) -> None:
    """Draw half of the bytes."""
    seams.replace(secrets, "secrets", lambda _: SimpleNamespace(token_urlsafe=lambda size: token_urlsafe(size // 2)))
