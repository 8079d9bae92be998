"""A store in a PostgreSQL database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import asyncpg
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, DisconnectionError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from pulsegate.reference_server.store.backend import Backend
from pulsegate.reference_server.store.failures import Failure

#: Connections of one process, and how long a request waits for one of them.
POOL_SIZE = 10
POOL_WAIT_S = 2.0
#: How long a new connection may take.
CONNECT_LIMIT_S = 2.0
#: How long the server works on one statement or waits for the next, and how long one transaction may take in all.
STATEMENT_LIMIT_S = 3.0
TRANSACTION_LIMIT_S = 4.0
#: The same for each step to a new version of the schema, the wait for another process that makes it included.
SCHEMA_LIMIT_S = 60.0

SCHEMES = ("postgresql", "postgres", "postgresql+asyncpg")
#: The advisory lock of whoever changes the schema; any number that nobody else uses.
_SCHEMA_LOCK = 0x70756C7365
#: Classes of SQLSTATE: connection, resources, operator intervention (a statement's time limit is one), system.
_AWAY_CLASSES = ("08", "53", "57", "58")
#: Serialization failure and deadlock.
_CONFLICTS = ("40001", "40P01")
#: Lock not available, and a standby that only reads.
_AWAY = ("55P03", "25006")


class PostgresBackend(Backend):
    """The database at `url`, which asyncpg reads as PostgreSQL's own programs do (``sslmode``, several hosts ...)."""

    def __init__(self, url: str) -> None:
        self._dsn = "postgresql://" + url.partition("://")[2]
        self._engine = self._engine_for(
            STATEMENT_LIMIT_S, pool_size=POOL_SIZE, max_overflow=0, pool_timeout=POOL_WAIT_S
        )
        event.listen(self._engine.sync_engine, "checkout", _refuse_closed)

    def _engine_for(self, statement_limit_s: float, **pool: Any) -> AsyncEngine:
        return create_async_engine(
            "postgresql+asyncpg://",
            async_creator=partial(self._connect, statement_limit_s),
            hide_parameters=True,
            **pool,
        )

    async def _connect(self, statement_limit_s: float) -> asyncpg.Connection:
        milliseconds = str(round(statement_limit_s * 1000))
        try:
            return await asyncpg.connect(
                self._dsn,
                timeout=CONNECT_LIMIT_S,
                command_timeout=statement_limit_s + 1,  # the server's own limit comes first, where it still answers
                server_settings={
                    "application_name": "pulsegate",
                    "statement_timeout": milliseconds,
                    "idle_in_transaction_session_timeout": milliseconds,
                },
            )
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as problem:
            raise _CannotConnect(str(problem) or "no connection in time") from problem

    @asynccontextmanager
    async def connected(self, *, writing: bool) -> AsyncIterator[AsyncConnection]:
        """A connection, cut when it is used for longer than TRANSACTION_LIMIT_S: a silent server ends no statement."""
        async with self._engine.connect() as connection:
            driver: Any = (await connection.get_raw_connection()).driver_connection
            limit = asyncio.get_running_loop().call_later(TRANSACTION_LIMIT_S, driver.terminate)
            try:
                yield connection
            finally:
                limit.cancel()

    @asynccontextmanager
    async def connected_alone(self) -> AsyncIterator[AsyncConnection]:
        """A connection with more time than others, once nobody else changes the schema."""
        engine = self._engine_for(SCHEMA_LIMIT_S, poolclass=NullPool)
        try:
            async with engine.begin() as connection:
                await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _SCHEMA_LOCK})
                yield connection
        finally:
            await engine.dispose()

    def judge(self, problem: Exception) -> Failure | None:
        """By SQLSTATE, and by whether there is a connection at all."""
        if isinstance(problem, _CannotConnect | PoolExhausted | OSError):
            return Failure.AWAY
        if isinstance(problem, IntegrityError):
            return Failure.CONFLICT
        if not isinstance(problem, DBAPIError):
            return None
        code = str(getattr(problem.orig, "sqlstate", None) or "")
        if code in _CONFLICTS:
            return Failure.CONFLICT
        away = problem.connection_invalidated or code[:2] in _AWAY_CLASSES or code in _AWAY
        return Failure.AWAY if away else None

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()


class _CannotConnect(Exception):
    """There is no connection to be had, whatever the reason."""


def _refuse_closed(connection: Any, _record: Any, _proxy: Any) -> None:
    # costs no round trip: the driver knows when the server has closed a connection that lay idle
    if connection.driver_connection.is_closed():
        raise DisconnectionError
