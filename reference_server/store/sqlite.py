"""A store in a SQLite file."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import URL, Connection
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from pulsegate.reference_server.store.backend import Backend
from pulsegate.reference_server.store.failures import Failure
from pulsegate.reference_server.store.inline_sqlite import connector_to

OPEN_LIMIT_S = 5.0

_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_AWAY = frozenset(
    {
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_READONLY,
    }
)


class SqliteBackend(Backend):
    """The file that `url` names; ValueError for a database in memory, which connections cannot share."""

    def __init__(self, url: URL) -> None:
        if not url.database or url.database == ":memory:":
            raise ValueError("A SQLite store needs a file: sqlite+aiosqlite:///PATH")
        connect = connector_to(url.database, OPEN_LIMIT_S)
        self._engine = create_async_engine(
            url.set(drivername="sqlite+aiosqlite"), async_creator=connect, hide_parameters=True
        )
        self._writing = self._engine.execution_options(pulsegate_writing=True)
        self._write_lock = asyncio.Lock()
        event.listen(self._engine.sync_engine, "connect", _prepare)
        event.listen(self._engine.sync_engine, "begin", _begin)

    @asynccontextmanager
    async def connected(self, *, writing: bool) -> AsyncIterator[AsyncConnection]:
        """A connection; one writer at a time."""
        async with self._turn(writing), (self._writing if writing else self._engine).connect() as connection:
            yield connection

    def _turn(self, writing: bool) -> AbstractAsyncContextManager[Any]:
        # SQLite has one writer at a time: waiting here is fair, and does not hold up the loop.
        return self._write_lock if writing else nullcontext()

    @asynccontextmanager
    async def connected_alone(self) -> AsyncIterator[AsyncConnection]:
        """A connection that writes: it is alone from the beginning."""
        async with self.connected(writing=True) as connection, connection.begin():
            yield connection

    def judge(self, problem: Exception) -> Failure | None:
        """By the driver's error code."""
        if isinstance(problem, IntegrityError):
            return Failure.CONFLICT
        code = getattr(problem.orig, "sqlite_errorcode", None) if isinstance(problem, DBAPIError) else None
        if code is None:
            return None
        primary = code & 0xFF
        if primary in _BUSY:
            return Failure.BUSY
        return Failure.AWAY if primary in _AWAY else None

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()


def _prepare(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver opens no transaction of its own; _begin does
    cursor = connection.cursor()
    # The last one: from here on whoever finds the file locked waits in the store, not in SQLite, where all would wait.
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON", "busy_timeout = 0"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    # A writer takes its lock at once: a reader that turns into a writer later would fail as "database is locked".
    writing = connection.get_execution_options().get("pulsegate_writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
