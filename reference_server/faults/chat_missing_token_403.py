"""A message without any token is answered with 403 instead of 401."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("CHAT-4",)
CAUSES = {"CHAT-4": "missing-token"}


def plant(seams: Seams) -> None:
    """Answer as HTTPBearer(auto_error=True) of an older FastAPI does."""

    def changed(value: Any, answer: Answer) -> Any:
        asked = answer.connection
        if answer.status != 401 or "authorization" in asked.headers or asked.cookies:
            return value
        answer.status = 403
        return {"detail": "Not authenticated"}

    seams.answers("chat", changed)
