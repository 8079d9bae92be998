"""A whole completion calls itself a chunk."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("CMP-2",)


def plant(seams: Seams) -> None:
    """Build both kinds of answers with the same head."""

    def changed(value: Any, answer: Answer) -> Any:
        if answer.status != 200:
            return value
        return {**value, "object": "chat.completion.chunk"}

    seams.answers("cmp", changed)
