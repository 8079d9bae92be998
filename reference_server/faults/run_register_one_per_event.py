"""After one user has registered for an event, the registration of another one fails."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("RUN-5",)


def plant(seams: Seams) -> None:
    """Make the event alone unique."""
    taken: set[str] = set()

    def unique(value: Any, answer: Answer) -> Any:
        if "registration_id" not in (value.get("data") or {}):
            return value
        if value["data"]["event_id"] in taken:
            answer.status = 409
            return {"success": False, "error": "You are already registered for this event."}
        taken.add(value["data"]["event_id"])
        return value

    seams.answers("run", unique)
