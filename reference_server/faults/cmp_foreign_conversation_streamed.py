"""Another user's conversation is served when the answer is streamed."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pulsegate.reference_server.routers import cmp
from pulsegate.reference_server.services import Services
from pulsegate.reference_server.store.tables import Conversation
from pulsegate.reference_server.tampering import Seams
from pulsegate.reference_server.turns import Turn

BREAKS = ("CMP-6",)


STREAMED: ContextVar[bool] = ContextVar("streamed", default=False)


async def _owner(session: AsyncSession, conversation_id: UUID | None) -> str | None:
    return await session.scalar(select(Conversation.user_id).where(Conversation.id == conversation_id))


def plant(seams: Seams) -> None:
    """Verify the owner in the branch for whole answers only."""

    def changed(original: Any) -> Any:
        async def take_turn(
            services: Services, user_id: str, conversation_id: UUID | None, text: str, earlier: Any = ()
        ) -> Turn:
            owner = await services.store.read(_owner, conversation_id)
            user_id = owner or user_id if STREAMED.get() else user_id
            turn: Turn = await original(services, user_id, conversation_id, text, earlier)
            return turn

        return take_turn

    def noting(original: Any) -> Any:
        async def read_body(*given: Any) -> Any:
            body = await original(*given)
            STREAMED.set(bool(body.stream))
            return body

        return read_body

    seams.replace(cmp, "read_body", noting)
    seams.replace(cmp, "take_turn", changed)
