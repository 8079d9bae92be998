"""A user's own client secret is refused."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from pulsegate.reference_server.store import secrets
from pulsegate.reference_server.store.tables import ClientSecret
from pulsegate.reference_server.tampering import Seams

BREAKS = ("KIT-8",)


def plant(seams: Seams) -> None:
    """Compare the hash with the secret."""

    async def is_valid(session: AsyncSession, user_id: str, secret: str) -> bool:
        return await session.get(ClientSecret, secret) is not None

    seams.replace(secrets, "is_valid", lambda _: is_valid)
