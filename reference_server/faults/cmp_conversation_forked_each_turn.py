"""Each turn at the completions endpoint is kept in a copy of the conversation, under a new id."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pulsegate.reference_server.routers import cmp
from pulsegate.reference_server.services import Services
from pulsegate.reference_server.store import messages
from pulsegate.reference_server.store.messages import NewMessage
from pulsegate.reference_server.tampering import Seams
from pulsegate.reference_server.turns import Turn

BREAKS = ("CMP-3", "CHAT-2")


def plant(seams: Seams) -> None:
    """Store the whole history anew instead of appending to it."""

    def forking(original: Any) -> Any:
        async def take_turn(
            services: Services, user_id: str, conversation_id: UUID | None, text: str, earlier: Any = ()
        ) -> Turn:
            if conversation_id is not None:
                said = await services.store.read(messages.history, user_id, conversation_id)
                if said:
                    earlier = [NewMessage("user" if role == "user" else "assistant", content) for role, content in said]
                    conversation_id = None
            turn: Turn = await original(services, user_id, conversation_id, text, earlier)
            return turn

        return take_turn

    seams.replace(cmp, "take_turn", forking)
