"""searchEvents finds the caller's own events only."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.auth import BEARER_ONLY, user_of
from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("RUN-4",)


def plant(seams: Seams) -> None:
    """Filter by the creator."""
    owners: dict[str, str] = {}

    def own(value: Any, answer: Answer) -> Any:
        user = user_of(answer.connection, BEARER_ONLY)
        data = value.get("data") or {}
        if user is not None and "id" in data:
            owners[data["id"]] = user.id
        if user is not None and "events" in data:
            kept = [event for event in data["events"] if owners.get(event["id"]) == user.id]
            value["data"] = {"events": kept, "count": len(kept)}
        return value

    seams.answers("run", own)
