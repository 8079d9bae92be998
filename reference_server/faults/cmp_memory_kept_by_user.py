"""A new conversation at the completions endpoint knows what the same user said in an earlier one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from pulsegate.reference_server.agent.agent import Agent, History, Reply
from pulsegate.reference_server.routers import cmp
from pulsegate.reference_server.services import Services
from pulsegate.reference_server.store.store import Store
from pulsegate.reference_server.tampering import Seams
from pulsegate.reference_server.turns import Turn

BREAKS = ("CMP-3",)


class Remembering(Agent):
    """An agent whose memory is kept by user."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._memory: dict[str | None, History] = {}

    async def reply(self, user_id: str | None, history: History, text: str) -> Reply:
        """Answer `text` by what the user said first, ever."""
        known = self._memory.setdefault(user_id, [*history, ("user", text)])
        return await super().reply(user_id, history or known, text)


def plant(seams: Seams) -> None:
    """Let the completions endpoint ask an agent that confuses the user with the conversation."""
    agent = Remembering(seams.services.store)

    def remembered(original: Any) -> Any:
        async def take_turn(
            services: Services, user_id: str, conversation_id: UUID | None, text: str, earlier: Any = ()
        ) -> Turn:
            given = replace(services, agent=agent) if conversation_id is None else services
            turn: Turn = await original(given, user_id, conversation_id, text, earlier)
            return turn

        return take_turn

    seams.replace(cmp, "take_turn", remembered)
