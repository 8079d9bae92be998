"""registerForEvent succeeds without a token."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("RUN-6",)


def plant(seams: Seams) -> None:
    """Register a guest."""

    def welcoming(value: Any, answer: Answer) -> Any:
        if answer.status == 401 and answer.asked.get("action") == "registerForEvent":
            answer.status = 200
            return {"success": True, "data": {"registration_id": str(uuid4()), "message": "Registered"}}
        return value

    seams.answers("run", welcoming)
