"""Reconnecting within a message loses its next piece; anywhere else nothing is lost."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.runs import ID_STEP, Session
from pulsegate.reference_server.tampering import Seams

BREAKS = ("RT-6",)
CAUSES = {"RT-6": "lost"}


def plant(seams: Seams) -> None:
    """Take the piece that was being sent for sent."""

    def make(original: Any) -> Any:
        def resume_from(session: Session, last_event_id: str | None) -> int:
            resumed: int = original(session, last_event_id)
            following = session.events[resumed // ID_STEP :][:1]
            within = resumed >= ID_STEP and following and following[0].name == "message_delta"
            return resumed + ID_STEP if within else resumed

        return resume_from

    seams.replace(Session, "resume_from", make)
