"""The answer to a request about tasks has null as its content."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pulsegate.reference_server.routers import cmp
from pulsegate.reference_server.services import Services
from pulsegate.reference_server.tampering import Seams
from pulsegate.reference_server.turns import Turn

BREAKS = ("CMP-2", "CMP-8")


Completion = Callable[[Turn, Services, str], dict[str, Any]]


def plant(seams: Seams) -> None:
    """Leave out the text, as OpenAI does in messages that call tools."""

    def without_text(original: Completion) -> Completion:
        def completion(turn: Turn, services: Services, prompt: str) -> dict[str, Any]:
            value = original(turn, services, prompt)
            if turn.reply.tool_called is not None:
                value["choices"][0]["message"]["content"] = None
            return value

        return completion

    seams.replace(cmp, "_completion", without_text)
