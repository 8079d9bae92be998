"""A text is answered with the status instead of suggestions."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("RUN-8",)


def plant(seams: Seams) -> None:
    """Recognise one form only."""

    def one_form(value: Any, answer: Answer) -> Any:
        if "suggestions" in value and "text" in answer.asked:
            return {"status": "ready", "authenticated": False, "user": None}
        return value

    seams.answers("run", one_form)
