"""A message of another user's thread can be answered again in one's own."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pulsegate.reference_server.store import messages
from pulsegate.reference_server.store.tables import Message
from pulsegate.reference_server.tampering import Seams

BREAKS = ("KIT-7",)


def plant(seams: Seams) -> None:
    """Find an item by its id alone, in whatever thread it is."""

    async def find(session: AsyncSession, user_id: str, conversation_id: UUID, public_id: UUID) -> Message | None:
        return await session.scalar(select(Message).where(Message.public_id == public_id))

    seams.replace(messages, "find", lambda _: find)
