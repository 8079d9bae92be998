"""The second reconnection to a session loses an event."""

from __future__ import annotations

from collections import Counter
from typing import Any

from pulsegate.reference_server.runs import ID_STEP, Session
from pulsegate.reference_server.tampering import Seams

BREAKS = ("RT-6",)


def plant(seams: Seams) -> None:
    """Move the reader's place twice: when it leaves, and when it comes back."""
    returns: Counter[str] = Counter()

    def make(original: Any) -> Any:
        def resume_from(session: Session, last_event_id: str | None) -> int:
            resumed: int = original(session, last_event_id)
            if resumed >= ID_STEP:
                returns[session.run_id] += 1
            return resumed + ID_STEP if returns[session.run_id] == 2 and resumed >= ID_STEP else resumed

        return resume_from

    seams.replace(Session, "resume_from", make)
