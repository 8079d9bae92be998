"""A reconnected client gets only what comes from then on; what it missed is not told."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.runs import ID_STEP, Session
from pulsegate.reference_server.tampering import Seams

BREAKS = ("RT-6",)


def plant(seams: Seams) -> None:
    """Subscribe a returning client to the live events."""

    def make(original: Any) -> Any:
        def resume_from(session: Session, last_event_id: str | None) -> int:
            resumed: int = original(session, last_event_id)
            return resumed if last_event_id is None else len(session.events) * ID_STEP

        return resume_from

    seams.replace(Session, "resume_from", make)
