"""An anonymous caller who names the session of a user sees its run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pulsegate.reference_server.runs import Runs, Session
from pulsegate.reference_server.tampering import Seams

BREAKS = ("RT-8",)


def plant(seams: Seams) -> None:
    """Let links to a run be shared."""

    def make(original: Any) -> Any:
        @contextmanager
        def opened(
            runs: Runs, caller: str | None, account_id: str, session_id: str | None, *, fail: bool = False
        ) -> Iterator[Session]:
            owner = _owner(runs, caller, account_id, session_id)
            with original(runs, owner, account_id, session_id, fail=fail) as session:
                yield session

        return opened

    seams.replace(Runs, "opened", make)


def _owner(runs: Runs, caller: str | None, account_id: str, session_id: str | None) -> str | None:
    known = [*runs.attached, *runs.detached]
    return next((other for other, *rest in known if caller is None and rest == [account_id, session_id]), caller)
