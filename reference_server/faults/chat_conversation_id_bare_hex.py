"""The plain chat endpoint names and takes conversations without the dashes of a UUID."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from pulsegate.reference_server.routers import chat
from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("CHAT-1", "CHAT-2")


ReadId = Callable[[str], UUID]


def plant(seams: Seams) -> None:
    """Write UUID.hex, and read what UUID() reads."""

    def lenient(original: ReadId) -> ReadId:
        def read_id(text: str) -> UUID:
            return UUID(text) if len(text) == 32 else original(text)

        return read_id

    def bare(value: Any, answer: Answer) -> Any:
        if answer.status != 200:
            return value
        return {**value, "conversation_id": value["conversation_id"].replace("-", "")}

    seams.replace(chat, "read_conversation_id", lenient)
    seams.answers("chat", bare)
