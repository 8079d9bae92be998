"""Streams of one user that name no session all join the same run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pulsegate.reference_server.runs import Runs, Session
from pulsegate.reference_server.tampering import Seams

BREAKS = ("RT-8",)
CAUSES = {"RT-8": "same-session"}


def plant(seams: Seams) -> None:
    """Use one name for the session that nobody named."""

    def make(original: Any) -> Any:
        @contextmanager
        def opened(
            runs: Runs, caller: str | None, account_id: str, session_id: str | None, *, fail: bool = False
        ) -> Iterator[Session]:
            with original(runs, caller, account_id, session_id or "default", fail=fail) as session:
                yield session

        return opened

    seams.replace(Runs, "opened", make)
