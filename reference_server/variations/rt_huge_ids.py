"""The ids of a run are huge and far apart."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pulsegate.reference_server.runs import Session
from pulsegate.reference_server.tampering import Seams

BASE = 10**24
STEP = 7_919


def plant(seams: Seams) -> None:
    """Write every id on a larger scale, and read it back."""

    def resume_from(original: Any) -> Any:
        def read(session: Session, last_event_id: str | None) -> int:
            known = last_event_id is not None and last_event_id.isdigit() and int(last_event_id) > BASE
            place = str((int(last_event_id) - BASE) // STEP) if known and last_event_id else None
            resumed: int = original(session, place)
            return resumed

        return read

    seams.replace(Session, "resume_from", resume_from)
    seams.events("rt", lambda event, _: replace(event, id=str(BASE + int(event.id or 0) * STEP)))
