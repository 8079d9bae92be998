"""The second user's answer is an apology for an error."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.auth import BEARER_ONLY, user_of
from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("RUN-1",)


def plant(seams: Seams) -> None:
    """Fail for everybody whose session is not the first."""
    known: list[str] = []

    def failing(value: Any, answer: Answer) -> Any:
        user = user_of(answer.connection, BEARER_ONLY)
        if user is not None:
            known.append(user.id)
            if "messages" in value and user.id != known[0]:
                value["messages"][-1]["content"] = "Sorry, an error occurred while processing your request."
        return value

    seams.answers("run", failing)
