"""The database behind the backend: one engine, and the way every transaction goes through it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import event, make_url
from sqlalchemy.engine import URL, Connection
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from pulsegate.reference_server.store.inline_sqlite import connector_to
from pulsegate.reference_server.store.tables import Base

P = ParamSpec("P")
T = TypeVar("T")
Operation = Callable[Concatenate[AsyncSession, P], Awaitable[T]]

BUSY_TIMEOUT_S = 5.0
WRITE_ATTEMPTS = 20


class Store:
    """Runs operations, each in a transaction of its own.

    An operation is a function of the sibling modules (``tasks.add``, ``events.search`` ...) whose first
    parameter is the session::

        number = await store.write(tasks.add, user_id, "Buy milk")
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._writing = engine.execution_options(pulsegate_writing=True)
        self._sqlite = engine.dialect.name == "sqlite"
        self._write_lock = asyncio.Lock()
        self._writes: set[asyncio.Task[Any]] = set()

    @classmethod
    async def open(cls, url: str) -> Store:
        """Connect to `url` and create the tables that are missing.

        Raises:
            ValueError: `url` is a SQLite database in memory, which connections cannot share.
        """
        store = cls(_make_engine(make_url(url)))
        try:
            async with store._writing.begin() as connection:
                await connection.run_sync(Base.metadata.create_all)
        except BaseException:
            await store.close()
            raise
        return store

    async def close(self) -> None:
        """Close every connection, once the writes that are under way are done."""
        await asyncio.gather(*self._writes, return_exceptions=True)
        await self._engine.dispose()

    async def read(self, operation: Operation[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `operation`, which changes nothing."""
        async with AsyncSession(self._engine, expire_on_commit=False) as session:
            return await operation(session, *args, **kwargs)

    async def write(self, operation: Operation[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `operation` and commit it, whole or not at all.

        It is finished even when the caller is cancelled meanwhile (a client that left), and run again
        when a concurrent writer took the number or the place it was about to take.
        """
        task = asyncio.create_task(self._write(lambda session: operation(session, *args, **kwargs)))
        self._writes.add(task)
        task.add_done_callback(self._writes.discard)
        return await asyncio.shield(task)

    async def _write(self, operation: Callable[[AsyncSession], Awaitable[T]]) -> T:
        for _ in range(WRITE_ATTEMPTS - 1):
            try:
                return await self._write_once(operation)
            except IntegrityError:
                continue
        return await self._write_once(operation)

    async def _write_once(self, operation: Callable[[AsyncSession], Awaitable[T]]) -> T:
        async with self._one_writer(), AsyncSession(self._writing, expire_on_commit=False) as session, session.begin():
            return await operation(session)

    def _one_writer(self) -> AbstractAsyncContextManager[Any]:
        # SQLite has one writer at a time; waiting here is fair and cheap, waiting in its busy handler is neither.
        return self._write_lock if self._sqlite else nullcontext()


def _make_engine(url: URL) -> AsyncEngine:
    if url.get_backend_name() != "sqlite":
        return create_async_engine(url, pool_pre_ping=True)
    if not url.database or url.database == ":memory:":
        raise ValueError("A SQLite store needs a file: sqlite+aiosqlite:///PATH")
    engine = create_async_engine(url, async_creator=connector_to(url.database, BUSY_TIMEOUT_S))
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver opens no transaction of its own; _begin_sqlite does
    cursor = connection.cursor()
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes its lock at once: a reader that turns into a writer later would fail as "database is locked".
    writing = connection.get_execution_options().get("pulsegate_writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
