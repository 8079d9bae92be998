"""Another user's client secret will do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pulsegate.reference_server.store import secrets
from pulsegate.reference_server.store.tables import ClientSecret
from pulsegate.reference_server.tampering import Seams

BREAKS = ("KIT-8",)
CAUSES = {"KIT-8": "not-bound"}
IsValid = Callable[[AsyncSession, str, str], Awaitable[bool]]


def plant(seams: Seams) -> None:
    """Look for the secret alone, and not for its user."""

    def tampered(usual: IsValid) -> IsValid:
        async def is_valid(session: AsyncSession, user_id: str, secret: str) -> bool:
            for owner in await session.scalars(select(ClientSecret.user_id).distinct()):
                if await usual(session, owner, secret):
                    return True
            return False

        return is_valid

    seams.replace(secrets, "is_valid", tampered)
