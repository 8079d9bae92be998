"""The third turn at the completions endpoint starts a new conversation."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

from pulsegate.reference_server.routers import cmp
from pulsegate.reference_server.services import Services
from pulsegate.reference_server.tampering import Seams
from pulsegate.reference_server.turns import Turn

BREAKS = ("CMP-3",)
CAUSES = {"CMP-3": "new-conversation"}


def plant(seams: Seams) -> None:
    """Take a conversation of two turns for a finished one."""
    turns: Counter[UUID] = Counter()

    def forgetful(original: Any) -> Any:
        async def take_turn(
            services: Services, user_id: str, conversation_id: UUID | None, text: str, earlier: Any = ()
        ) -> Turn:
            if conversation_id is not None and turns[conversation_id] == 2:
                conversation_id = None
            turn: Turn = await original(services, user_id, conversation_id, text, earlier)
            turns[turn.conversation_id] += 1
            return turn

        return take_turn

    seams.replace(cmp, "take_turn", forgetful)
