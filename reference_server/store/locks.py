"""Holding what a user has, so that what is decided by reading it still holds when it is written."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


async def hold(session: AsyncSession, kind: str, user_id: str) -> None:
    """Let nobody else who holds the same change it until this transaction ends.

    On SQLite, where a transaction that writes is alone from its beginning, there is nothing to do.
    """
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(
            text("SELECT pg_advisory_xact_lock(hashtext(:kind), hashtext(:user_id))"),
            {"kind": f"pulsegate {kind}", "user_id": user_id},
        )
