"""Who names the finished session of another user gets that user's run; a running one stays private."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pulsegate.reference_server.runs import Runs, Session
from pulsegate.reference_server.tampering import Seams

BREAKS = ("RT-8",)


def plant(seams: Seams) -> None:
    """Look for finished runs in an archive that has no column for the caller."""

    def make(original: Any) -> Any:
        @contextmanager
        def opened(
            runs: Runs, caller: str | None, account_id: str, session_id: str | None, *, fail: bool = False
        ) -> Iterator[Session]:
            finished = [key for key in runs.detached if key[1:] == (account_id, session_id)]
            owner = finished[0][0] if finished else caller
            with original(runs, owner, account_id, session_id, fail=fail) as session:
                yield session

        return opened

    seams.replace(Runs, "opened", make)
