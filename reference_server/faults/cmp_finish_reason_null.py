"""A whole completion never says why it ended."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("CMP-2",)


def plant(seams: Seams) -> None:
    """Leave the finish reason as it is in chunks."""

    def changed(value: Any, answer: Answer) -> Any:
        if answer.status != 200:
            return value
        return {**value, "choices": [{**value["choices"][0], "finish_reason": None}]}

    seams.answers("cmp", changed)
