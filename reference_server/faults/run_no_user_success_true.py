"""A conversation without a user's message gets an error text with success true."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("RUN-2",)


def plant(seams: Seams) -> None:
    """Call the request a success."""

    def successful(value: Any, answer: Answer) -> Any:
        asked = isinstance(answer.asked, dict) and "messages" in answer.asked
        return {**value, "success": True} if asked and value.get("success") is False else value

    seams.answers("run", successful)
