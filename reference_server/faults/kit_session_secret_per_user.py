"""A user's next session gets the client secret of the one before."""

from __future__ import annotations

import hashlib

from sqlalchemy.ext.asyncio import AsyncSession

from pulsegate.reference_server.store import secrets
from pulsegate.reference_server.tampering import Seams

BREAKS = ("KIT-2",)


def plant(seams: Seams) -> None:
    """Derive the secret from the user's id alone."""

    def derived(user_id: str) -> str:
        return hashlib.sha256(f"chatkit:{user_id}".encode()).hexdigest()

    async def issue(session: AsyncSession, user_id: str, lifetime_s: int = secrets.LIFETIME_S) -> str:
        return derived(user_id)

    async def is_valid(session: AsyncSession, user_id: str, secret: str) -> bool:
        return secret == derived(user_id)

    seams.replace(secrets, "issue", lambda _: issue)
    seams.replace(secrets, "is_valid", lambda _: is_valid)
