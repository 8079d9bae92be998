"""Every ChatKit session gets the same client secret, which is good for everybody."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from pulsegate.reference_server.store import secrets
from pulsegate.reference_server.tampering import Seams

BREAKS = ("KIT-2",)
CAUSES = {"KIT-2": "constant-secret"}

SECRET = "Q2hhdEtpdC1zZXNzaW9uLXNlY3JldC1mcm9tLWVudg"


def plant(seams: Seams) -> None:
    """Issue one secret, as if it were made at import, and accept it from whoever sends it."""

    async def issue(session: AsyncSession, user_id: str, lifetime_s: int = secrets.LIFETIME_S) -> str:
        return SECRET

    async def is_valid(session: AsyncSession, user_id: str, secret: str) -> bool:
        return secret == SECRET

    seams.replace(secrets, "issue", lambda _: issue)
    seams.replace(secrets, "is_valid", lambda _: is_valid)
