"""An empty body is answered with the user's id instead of the e-mail address."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.auth import BEARER_ONLY, user_of
from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("RUN-9",)


def plant(seams: Seams) -> None:
    """Answer the subject."""

    def by_id(value: Any, answer: Answer) -> Any:
        user = user_of(answer.connection, BEARER_ONLY)
        return {**value, "user": user.id} if user and value.get("status") == "ready" else value

    seams.answers("run", by_id)
