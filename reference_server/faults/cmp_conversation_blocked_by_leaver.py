"""A conversation whose client left in mid-answer answers 409 from then on."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any
from uuid import UUID

from fastapi import HTTPException

from pulsegate.reference_server.routers import cmp
from pulsegate.reference_server.services import Services
from pulsegate.reference_server.tampering import Seams
from pulsegate.reference_server.turns import Turn

BREAKS = ("CMP-11",)
CAUSES = {"CMP-11": "blocked"}


def plant(seams: Seams) -> None:
    """Mark the conversation as busy, and clear the mark behind the loop, without finally."""
    busy: set[UUID] = set()

    def guarded(original: Any) -> Any:
        async def take_turn(services: Services, user_id: str, conversation_id: UUID | None, *given: Any) -> Turn:
            if conversation_id in busy:
                raise HTTPException(409, "The conversation is busy.")
            turn: Turn = await original(services, user_id, conversation_id, *given)
            return turn

        return take_turn

    def marked(original: Any) -> Any:
        async def frames(turn: Turn, *given: Any) -> AsyncGenerator[bytes, None]:
            busy.add(turn.conversation_id)
            async for frame in original(turn, *given):
                if b"[DONE]" in frame:
                    busy.discard(turn.conversation_id)
                yield frame

        return frames

    seams.replace(cmp, "take_turn", guarded)
    seams.replace(cmp, "_frames", marked)
