"""A message of more than 2000 characters gets 500."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("FALL-1",)

LIMIT = 2000


def plant(seams: Seams) -> None:
    """Store the message in a column that is too short."""

    def overflow(value: Any, answer: Answer) -> Any:
        if isinstance(answer.asked, dict) and len(answer.asked.get("message") or "") > LIMIT:
            answer.status = 500
            return {"detail": "Internal server error."}
        return value

    seams.answers("fall", overflow)
