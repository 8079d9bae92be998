"""A body over the stated limit leads to a server error."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("CMP-10",)


def plant(seams: Seams) -> None:
    """Raise an exception that nobody catches."""

    def failing(value: Any, answer: Answer) -> Any:
        if answer.status != 413:
            return value
        answer.status = 500
        return {"detail": "Internal server error."}

    seams.answers("cmp", failing)
