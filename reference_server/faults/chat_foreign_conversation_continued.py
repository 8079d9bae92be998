"""The plain chat endpoint continues another user's conversation."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pulsegate.reference_server.routers import chat
from pulsegate.reference_server.services import Services
from pulsegate.reference_server.store.tables import Conversation
from pulsegate.reference_server.tampering import Seams
from pulsegate.reference_server.turns import Turn

BREAKS = ("CHAT-4",)
CAUSES = {"CHAT-4": "foreign-conversation"}


async def _owner(session: AsyncSession, conversation_id: UUID | None) -> str | None:
    return await session.scalar(select(Conversation.user_id).where(Conversation.id == conversation_id))


def plant(seams: Seams) -> None:
    """Look for the id alone."""

    def changed(original: Any) -> Any:
        async def take_turn(
            services: Services, user_id: str, conversation_id: UUID | None, text: str, earlier: Any = ()
        ) -> Turn:
            owner = await services.store.read(_owner, conversation_id)
            user_id = owner or user_id
            turn: Turn = await original(services, user_id, conversation_id, text, earlier)
            return turn

        return take_turn

    seams.replace(chat, "take_turn", changed)
