"""A client that reconnects early in a run gets only the latest 40 events."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.runs import ID_STEP, Session
from pulsegate.reference_server.tampering import Seams

BREAKS = ("RT-6",)


KEPT = 40


def plant(seams: Seams) -> None:
    """Keep a short ring of events for those who come back."""

    def make(original: Any) -> Any:
        def resume_from(session: Session, last_event_id: str | None) -> int:
            resumed: int = original(session, last_event_id)
            oldest = max(0, len(session.events) - KEPT) * ID_STEP
            return max(resumed, oldest) if resumed else 0

        return resume_from

    seams.replace(Session, "resume_from", make)
