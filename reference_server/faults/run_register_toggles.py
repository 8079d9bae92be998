"""A second registration undoes the first, and the third succeeds."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import uuid4

from pulsegate.reference_server.auth import BEARER_ONLY, user_of
from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("RUN-5",)


def plant(seams: Seams) -> None:
    """Delete what a refused registration finds."""
    refused: Counter[tuple[str, str]] = Counter()

    def toggling(value: Any, answer: Answer) -> Any:
        user = user_of(answer.connection, BEARER_ONLY)
        if answer.status == 409 and user is not None:
            key = (user.id, answer.asked["parameters"]["eventId"])
            refused[key] += 1
            if refused[key] % 2 == 0:
                answer.status = 200
                return {"success": True, "data": {"registration_id": str(uuid4()), "message": "Registered"}}
        return value

    seams.answers("run", toggling)
