"""An agent status outside the five is answered with an error, and passed on all the same."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server import envelopes
from pulsegate.reference_server.envelopes import EnvelopeError
from pulsegate.reference_server.rooms import Member
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-5",)


def plant(seams: Seams) -> None:
    """Forget the return after the error."""
    statuses = envelopes.STATUSES

    def careless(message: dict[str, Any], members: list[Member]) -> Any:
        payload = message["payload"]
        if message["type"] == "agent_status" and payload.get("status") not in statuses:
            problem = EnvelopeError("invalid", "The member 'status' is wrong.", "status", message["id"])
            sender = seams.services.rooms.addressed(members[0], message["source"])
            return [(envelopes.error_envelope(problem), sender), (message, members)]
        return [(message, members)]

    def lenient(original: Any) -> Any:
        def wrong(payload: Any) -> str | None:
            field: str | None = original(payload)
            return None if field == "status" else field

        return wrong

    seams.replace(envelopes, "_wrong_status", lenient)
    seams.deliveries(careless)
