"""Without an id the user's last conversation goes on instead of a new one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pulsegate.reference_server.routers import cmp
from pulsegate.reference_server.services import Services
from pulsegate.reference_server.tampering import Seams
from pulsegate.reference_server.turns import Turn

BREAKS = ("CMP-3",)


def plant(seams: Seams) -> None:
    """Look up the newest conversation that this user began here."""
    newest: dict[str, UUID] = {}

    def continuing(original: Any) -> Any:
        async def take_turn(
            services: Services, user_id: str, conversation_id: UUID | None, text: str, earlier: Any = ()
        ) -> Turn:
            begins = conversation_id is None
            turn: Turn = await original(services, user_id, conversation_id or newest.get(user_id), text, earlier)
            if begins:
                newest[user_id] = turn.conversation_id
            return turn

        return take_turn

    seams.replace(cmp, "take_turn", continuing)
