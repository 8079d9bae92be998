"""A message with an unknown role before the question leads to a server error."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("CMP-7",)


KNOWN = {"system", "developer", "user", "assistant", "tool"}


def plant(seams: Seams) -> None:
    """Look the role of earlier messages up in a table, without a default."""

    def failing(value: Any, answer: Answer) -> Any:
        if answer.status != 422 or not isinstance(answer.asked, dict):
            return value
        if any(message["role"] not in KNOWN for message in answer.asked["messages"][:-1]):
            answer.status = 500
            return {"detail": "Internal server error."}
        return value

    seams.answers("cmp", failing)
