"""The time in created is a string of digits."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("CMP-2",)


def plant(seams: Seams) -> None:
    """Let a model with text members write the answer."""

    def changed(value: Any, answer: Answer) -> Any:
        if answer.status != 200:
            return value
        return {**value, "created": str(value["created"])}

    seams.answers("cmp", changed)
