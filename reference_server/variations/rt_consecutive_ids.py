"""The ids of a run are 1, 2, 3 and so on, and a resumed stream has no greeting of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pulsegate.reference_server.runs import ID_STEP, Session
from pulsegate.reference_server.tampering import Seams


def plant(seams: Seams) -> None:
    """Count the greeting as the first event, and greet only who resumes nothing."""

    def resume_from(original: Any) -> Any:
        def read(session: Session, last_event_id: str | None) -> int:
            seen = int(last_event_id) if last_event_id is not None and last_event_id.isdigit() else 0
            resumed: int = original(session, str((seen - 1) * ID_STEP)) if seen > 1 else seen
            return resumed

        return read

    seams.replace(Session, "resume_from", resume_from)
    seams.replace(Session, "greeting_id", lambda _: lambda _session, resumed: None if resumed else 1)
    seams.events("rt", lambda event, _: replace(event, id=str(int(event.id or 0) // ID_STEP + 1)))
