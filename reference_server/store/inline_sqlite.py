"""SQLite statements run where they are awaited, instead of each on a thread of its connection.

A statement of ours takes some tens of microseconds; handing it to a thread and back costs ten times that. One
process has one writer at a time (see Store), so a statement waits for another only when an outside program
holds the file.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from typing import Any

import aiosqlite

ROWS_AT_ONCE = 64


class InlineConnection(aiosqlite.Connection):
    """A connection that calls at once what it would queue for its thread; it has no thread."""

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connector, ROWS_AT_ONCE)
        self._tx = _CallAtOnce()  # type: ignore[assignment]  # the one method of a queue that is used
        self._thread = _NoThread()  # type: ignore[assignment]  # the one method of a thread that is used


class _CallAtOnce:
    def put_nowait(self, work: tuple[asyncio.Future[Any] | None, Callable[[], Any]]) -> None:
        answer, call = work
        try:
            result = call()
        except Exception as problem:
            if answer is None:
                raise
            answer.set_exception(problem)
        else:
            if answer is not None:
                answer.set_result(result)


class _NoThread:
    def start(self) -> None:
        """There is nothing to start."""


def connector_to(path: str, busy_timeout_s: float) -> Callable[[], InlineConnection]:
    """What opens the database at `path`, as SQLAlchemy's ``async_creator`` takes it."""
    return lambda: InlineConnection(lambda: sqlite3.connect(path, timeout=busy_timeout_s))
