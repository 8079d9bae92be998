"""Any client secret will do."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from pulsegate.reference_server.store import secrets
from pulsegate.reference_server.tampering import Seams

BREAKS = ("KIT-8",)
CAUSES = {"KIT-8": "not-validated"}


def plant(seams: Seams) -> None:
    """Generate secrets and forget them."""

    async def is_valid(session: AsyncSession, user_id: str, secret: str) -> bool:
        return True

    seams.replace(secrets, "is_valid", lambda _: is_valid)
