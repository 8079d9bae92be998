"""The time in created counts milliseconds."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("CMP-2",)


def plant(seams: Seams) -> None:
    """Multiply as for JavaScript's Date."""

    def changed(value: Any, answer: Answer) -> Any:
        if answer.status != 200:
            return value
        return {**value, "created": value["created"] * 1000}

    seams.answers("cmp", changed)
