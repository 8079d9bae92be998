"""Reconnecting after everyone has left starts the run again."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.runs import Runs, Session, SessionKey
from pulsegate.reference_server.tampering import Seams

BREAKS = ("RT-6",)
CAUSES = {"RT-6": "restarted"}


def plant(seams: Seams) -> None:
    """Forget a session with its last stream."""

    def make(original: Any) -> Any:
        def detach(runs: Runs, key: SessionKey, session: Session) -> None:
            original(runs, key, session)
            if runs.detached.pop(key, None):
                session.stop()

        return detach

    seams.replace(Runs, "_detach", make)
