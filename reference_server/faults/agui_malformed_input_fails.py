"""An input that lacks something is answered with 500."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("AGUI-11",)


def plant(seams: Seams) -> None:
    """Read members by their names, and catch nothing."""

    def failing(value: Any, answer: Answer) -> Any:
        if answer.status != 422:
            return value
        answer.status = 500
        return {"detail": "Internal Server Error"}

    seams.answers("agui", failing)
