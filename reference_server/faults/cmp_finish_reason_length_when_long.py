"""A whole completion of more than sixty words says that it was cut off."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("CMP-2",)


def plant(seams: Seams) -> None:
    """Compare the words with a limit that nothing enforces."""

    def changed(value: Any, answer: Answer) -> Any:
        if answer.status != 200:
            return value
        choice = value["choices"][0]
        if len(choice["message"]["content"].split()) <= 60:
            return value
        return {**value, "choices": [{**choice, "finish_reason": "length"}]}

    seams.answers("cmp", changed)
