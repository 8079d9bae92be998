"""The time in created is one hour ahead."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("CMP-2",)


def plant(seams: Seams) -> None:
    """Convert a naive local time as if it were UTC, in winter in Berlin."""

    def changed(value: Any, answer: Answer) -> Any:
        if answer.status != 200:
            return value
        return {**value, "created": value["created"] + 3600}

    seams.answers("cmp", changed)
