"""A thread's third turn is not kept."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("KIT-6",)
CAUSES = {"KIT-6": "not-stored"}


def plant(seams: Seams) -> None:
    """Lose what comes fifth and sixth."""

    def stored(value: Any, answer: Answer) -> Any:
        if answer.status != 200 or not isinstance(answer.asked, dict) or answer.asked.get("type") != "items.list":
            return value
        return {**value, "data": [*value["data"][:4], *value["data"][6:]]}

    seams.answers("kit", stored)
