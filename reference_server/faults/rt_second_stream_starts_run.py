"""A second stream of a session that is open already starts a run of its own."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.runs import Runs, Session, SessionKey
from pulsegate.reference_server.tampering import Seams

BREAKS = ("RT-6",)


def plant(seams: Seams) -> None:
    """Look for a session among those that were left, not among the open ones."""

    def make(original: Any) -> Any:
        def attach(runs: Runs, key: SessionKey, fail: bool) -> Session:
            is_open = key in runs.attached
            return _start_anew(runs, key, fail) if is_open else original(runs, key, fail)

        return attach

    seams.replace(Runs, "_attach", make)


def _start_anew(runs: Runs, key: SessionKey, fail: bool) -> Session:
    session, streams = Session(key[2]), runs.attached[key][1]
    session.start(key[1], runs.word_gap_s, fail)
    runs.attached[key] = session, streams + 1
    return session
