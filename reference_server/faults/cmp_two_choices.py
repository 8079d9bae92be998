"""A completion offers the same answer twice."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("CMP-2",)


def plant(seams: Seams) -> None:
    """Append the choice once for the answer and once for the log."""

    def changed(value: Any, answer: Answer) -> Any:
        if answer.status != 200:
            return value
        return {**value, "choices": [value["choices"][0], {**value["choices"][0], "index": 1}]}

    seams.answers("cmp", changed)
