"""A conversation begun at the plain chat endpoint is unknown to the completions endpoint."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import HTTPException

from pulsegate.reference_server.routers import chat, cmp
from pulsegate.reference_server.services import Services
from pulsegate.reference_server.tampering import Seams
from pulsegate.reference_server.turns import Turn

BREAKS = ("CHAT-2",)


def plant(seams: Seams) -> None:
    """Keep the two endpoints' conversations in two tables."""
    begun: set[UUID] = set()

    def noting(original: Any) -> Any:
        async def take_turn(*given: Any) -> Turn:
            turn: Turn = await original(*given)
            begun.add(turn.conversation_id)
            return turn

        return take_turn

    def blind(original: Any) -> Any:
        async def take_turn(services: Services, user_id: str, conversation_id: UUID | None, *given: Any) -> Turn:
            if conversation_id in begun:
                raise HTTPException(404, "Conversation not found.")
            turn: Turn = await original(services, user_id, conversation_id, *given)
            return turn

        return take_turn

    seams.replace(chat, "take_turn", noting)
    seams.replace(cmp, "take_turn", blind)
