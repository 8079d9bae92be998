"""Another user's conversation is refused with 403, an unknown one with 404."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import HTTPException
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pulsegate.reference_server.routers import cmp
from pulsegate.reference_server.services import Services
from pulsegate.reference_server.store.tables import Conversation
from pulsegate.reference_server.tampering import Seams
from pulsegate.reference_server.turns import Turn

BREAKS = ("CMP-6",)
CAUSES = {"CMP-6": "tells-them-apart"}


async def _owner(session: AsyncSession, conversation_id: UUID | None) -> str | None:
    return await session.scalar(select(Conversation.user_id).where(Conversation.id == conversation_id))


def plant(seams: Seams) -> None:
    """Tell the two apart."""

    def changed(original: Any) -> Any:
        async def take_turn(
            services: Services, user_id: str, conversation_id: UUID | None, text: str, earlier: Any = ()
        ) -> Turn:
            owner = await services.store.read(_owner, conversation_id)
            if owner not in (None, user_id):
                raise HTTPException(403, "Conversation not found.")
            turn: Turn = await original(services, user_id, conversation_id, text, earlier)
            return turn

        return take_turn

    seams.replace(cmp, "take_turn", changed)
