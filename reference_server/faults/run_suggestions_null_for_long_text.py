"""The suggestions for a text of more than a thousand characters are null."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("RUN-8",)


def plant(seams: Seams) -> None:
    """Give up on long texts."""

    def short_only(value: Any, answer: Answer) -> Any:
        return {"suggestions": None} if "suggestions" in value and len(answer.asked.get("text", "")) > 1000 else value

    seams.answers("run", short_only)
