"""A second registration of a user for an event succeeds."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("RUN-5",)


def plant(seams: Seams) -> None:
    """Insert without looking."""

    def accepting(value: Any, answer: Answer) -> Any:
        if answer.status == 409:
            answer.status = 200
            return {"success": True, "data": {"registration_id": str(uuid4()), "message": "Registered"}}
        return value

    seams.answers("run", accepting)
