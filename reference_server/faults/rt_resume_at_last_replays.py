"""Reconnecting after the last event of a run tells the whole run again."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.runs import ID_STEP, Session
from pulsegate.reference_server.tampering import Seams

BREAKS = ("RT-6",)


def plant(seams: Seams) -> None:
    """Take an empty rest for an unknown id, and start from the beginning."""

    def make(original: Any) -> Any:
        def resume_from(session: Session, last_event_id: str | None) -> int:
            resumed: int = original(session, last_event_id)
            return 0 if resumed >= len(session.events) * ID_STEP else resumed

        return resume_from

    seams.replace(Session, "resume_from", make)
