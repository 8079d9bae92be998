"""The database behind the backend, and the way every transaction goes through it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from pulsegate.reference_server.store import postgresql, schema
from pulsegate.reference_server.store.backend import Backend
from pulsegate.reference_server.store.failures import Failure, StoreAway, reason_of
from pulsegate.reference_server.store.sqlite import SqliteBackend

P = ParamSpec("P")
T = TypeVar("T")
Operation = Callable[Concatenate[AsyncSession, P], Awaitable[T]]

#: How often a transaction is tried when another one was first: a conflict that stays is a defect.
ATTEMPTS = 20
#: How long it is tried again while somebody holds the database, or others are first.
PATIENCE_S = 5.0
FIRST_PAUSE_S = 0.002
LONGEST_PAUSE_S = 0.05


class Store:
    """Runs operations, each in a transaction of its own.

    An operation is a function of the sibling modules (``tasks.add``, ``events.search`` ...) whose first
    parameter is the session::

        number = await store.write(tasks.add, user_id, "Buy milk")

    Both raise StoreAway, within seconds, when the database cannot do it now.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._writes: set[asyncio.Task[Any]] = set()

    @classmethod
    async def open(cls, url: str) -> Store:
        """Connect to `url` and bring its tables up to date.

        Raises:
            ValueError: `url` is of no kind that is known, or a SQLite database in memory.
            SchemaNotOurs: The tables are of a newer version, or not ours.
            StoreAway: The database cannot be reached.
        """
        store = cls(_backend_of(url))
        try:
            await store._patiently(store._bring_up_to_date)
        except BaseException:
            await store.close()
            raise
        return store

    async def close(self) -> None:
        """Close every connection, once the writes that are under way are done."""
        await asyncio.gather(*self._writes, return_exceptions=True)
        await self._backend.close()

    async def read(self, operation: Operation[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `operation`, which changes nothing."""

        async def transaction() -> T:
            async with self._backend.connected(writing=False) as connection, _session(connection) as session:
                return await operation(session, *args, **kwargs)

        return await self._patiently(transaction)

    async def write(self, operation: Operation[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `operation` and commit it, whole or not at all.

        It is finished even when the caller is cancelled meanwhile (a client that left), and run again
        when a concurrent writer took the number or the place it was about to take.
        """

        async def transaction() -> T:
            async with (
                self._backend.connected(writing=True) as connection,
                _session(connection) as session,
                session.begin(),
            ):
                return await operation(session, *args, **kwargs)

        task = asyncio.create_task(self._patiently(transaction))
        self._writes.add(task)
        task.add_done_callback(self._writes.discard)
        return await asyncio.shield(task)

    async def _patiently(self, transaction: Callable[[], Awaitable[T]]) -> T:
        """Run `transaction`, again where another one was in its way; StoreAway when the database is the problem."""
        loop = asyncio.get_running_loop()
        deadline, pause, conflicts = loop.time() + PATIENCE_S, FIRST_PAUSE_S, 0
        while True:
            try:
                return await transaction()
            except Exception as problem:
                failure = self._backend.judge(problem)
                conflicts += failure is Failure.CONFLICT
                if failure is None or conflicts == ATTEMPTS:
                    raise
                if failure is Failure.AWAY or loop.time() >= deadline:
                    raise StoreAway(reason_of(problem)) from problem
            if failure is Failure.BUSY:
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE_S)

    async def _bring_up_to_date(self) -> None:
        async with self._backend.connected_alone() as connection:
            await connection.run_sync(schema.bring_up_to_date)


def _session(connection: AsyncConnection) -> AsyncSession:
    return AsyncSession(connection, expire_on_commit=False)


def _backend_of(url: str) -> Backend:
    if url.partition("://")[0] in postgresql.SCHEMES:
        return postgresql.PostgresBackend(url)
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        raise ValueError("A store is sqlite:///PATH or postgresql://USER:PASSWORD@HOST/DATABASE")
    return SqliteBackend(parsed)
