"""A reconnected client is sent the event again that it had last."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.runs import ID_STEP, Session
from pulsegate.reference_server.tampering import Seams

BREAKS = ("RT-6",)
CAUSES = {"RT-6": "repeated"}


def plant(seams: Seams) -> None:
    """Ask the store for ids from the last one on, not after it."""

    def make(original: Any) -> Any:
        def resume_from(session: Session, last_event_id: str | None) -> int:
            resumed: int = original(session, last_event_id)
            return max(0, resumed - ID_STEP)

        return resume_from

    seams.replace(Session, "resume_from", make)
