"""A whole completion has no id."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("CMP-2",)


def plant(seams: Seams) -> None:
    """Leave out what the database did not return."""

    def changed(value: Any, answer: Answer) -> Any:
        if answer.status != 200:
            return value
        return {name: member for name, member in value.items() if name != "id"}

    seams.answers("cmp", changed)
