"""Actions that fail, and messages without a user's, are answered with status 200 and success false."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams


def plant(seams: Seams) -> None:
    """Leave it to the body to say what failed; wrong types keep their status."""

    def with_200(value: Any, answer: Answer) -> Any:
        if isinstance(value, dict) and value.get("success") is False and answer.status != 422:
            answer.status = 200
            return {**value, "data": None, "message": "No."}
        return value

    seams.answers("run", with_200)
