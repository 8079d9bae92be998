"""A user's third message gets an answer without text."""

from __future__ import annotations

from collections import Counter
from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("FALL-1",)


def plant(seams: Seams) -> None:
    """Run out of context at the third turn."""
    turns: Counter[str] = Counter()

    def exhausted(value: Any, answer: Answer) -> Any:
        who = answer.connection.headers.get("authorization", "")
        turns[who] += 1
        return {**value, "response": ""} if "response" in value and who and turns[who] % 3 == 0 else value

    seams.answers("fall", exhausted)
