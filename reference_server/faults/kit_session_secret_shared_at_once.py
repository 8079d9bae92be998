"""Sessions that begin in the same moment share their client secret."""

from __future__ import annotations

import hashlib
from time import time
from typing import Any

from pulsegate.reference_server.store import secrets
from pulsegate.reference_server.tampering import Seams

BREAKS = ("KIT-2",)


def plant(seams: Seams) -> None:
    """Make secrets of the user and the time, which two requests of one user at once have in common."""

    async def issue(session: Any, user_id: str, lifetime_s: int = secrets.LIFETIME_S) -> str:
        return hashlib.sha256(f"{user_id}:{int(time() * 4)}".encode()).hexdigest()

    async def is_valid(session: Any, user_id: str, secret: str) -> bool:
        now = int(time() * 4)
        known = {hashlib.sha256(f"{user_id}:{now - age}".encode()).hexdigest() for age in range(4 * 60)}
        return secret in known

    seams.replace(secrets, "issue", lambda _: issue)
    seams.replace(secrets, "is_valid", lambda _: is_valid)
