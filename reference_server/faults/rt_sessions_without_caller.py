"""Two users who name the same session share its run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pulsegate.reference_server.runs import Runs, Session
from pulsegate.reference_server.tampering import Seams

BREAKS = ("RT-8",)
CAUSES = {"RT-8": "shared-run"}


def plant(seams: Seams) -> None:
    """Keep runs by account and session."""

    def make(original: Any) -> Any:
        @contextmanager
        def opened(
            runs: Runs, caller: str | None, account_id: str, session_id: str | None, *, fail: bool = False
        ) -> Iterator[Session]:
            with original(runs, "anyone", account_id, session_id, fail=fail) as session:
                yield session

        return opened

    seams.replace(Runs, "opened", make)
