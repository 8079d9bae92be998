"""From the fourth turn on, the agent has forgotten how the conversation began."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from pulsegate.reference_server import turns
from pulsegate.reference_server.tampering import Seams

BREAKS = ("CMP-3", "CHAT-2")
CAUSES = {"CMP-3": "forgotten", "CHAT-2": "forgotten"}


def plant(seams: Seams) -> None:
    """Give the agent the last four messages only."""

    def shortened(original: Any) -> Any:
        async def history(session: AsyncSession, user_id: str, conversation_id: UUID) -> turns.History | None:
            found: turns.History | None = await original(session, user_id, conversation_id)
            return None if found is None else found[-4:]

        return history

    seams.replace(turns, "_history", shortened)
