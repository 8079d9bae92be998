"""A registration for an event that does not exist succeeds."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("RUN-5",)


def plant(seams: Seams) -> None:
    """Insert without a foreign key."""

    def accepting(value: Any, answer: Answer) -> Any:
        if answer.status == 404 and answer.asked.get("action") == "registerForEvent":
            answer.status = 200
            return {"success": True, "data": {"registration_id": str(uuid4()), "message": "Registered"}}
        return value

    seams.answers("run", accepting)
