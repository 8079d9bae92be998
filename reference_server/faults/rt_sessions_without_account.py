"""A user who names one session under two accounts gets the run of the first for both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pulsegate.reference_server.runs import Runs, Session
from pulsegate.reference_server.tampering import Seams

BREAKS = ("RT-8",)


def plant(seams: Seams) -> None:
    """Keep runs by caller and session."""

    def make(original: Any) -> Any:
        @contextmanager
        def opened(
            runs: Runs, caller: str | None, account_id: str, session_id: str | None, *, fail: bool = False
        ) -> Iterator[Session]:
            with original(runs, caller, "any", session_id, fail=fail) as session:
                yield session

        return opened

    seams.replace(Runs, "opened", make)
