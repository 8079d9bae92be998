"""The keep-alive comes every 1.6 intervals."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.runs import Session
from pulsegate.reference_server.tampering import Frames, Seams

BREAKS = ("RT-9",)


def plant(seams: Seams) -> None:
    """Configure the keep-alive with another number than the heartbeat."""

    def make(original: Any) -> Any:
        def after(session: Session, resumed: int, keepalive_s: float) -> Frames:
            late: Frames = original(session, resumed, 1.6 * keepalive_s)
            return late

        return after

    seams.replace(Session, "after", make)
