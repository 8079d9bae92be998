"""A store of its own for every test, on each kind of database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from pulsegate.harness.parts.postgres import PostgresPart
from pulsegate.reference_server.store.store import Store

KINDS = ("sqlite", pytest.param("postgresql", marks=pytest.mark.needs("postgres")))


@pytest.fixture(scope="session")
def shared_postgres() -> Iterator[PostgresPart]:
    """One PostgreSQL for all tests that do nothing to it."""
    with PostgresPart() as running:
        yield running


@pytest.fixture(scope="session")
def stoppable_postgres() -> Iterator[PostgresPart]:
    """Another one, for tests that stop it."""
    with PostgresPart() as running:
        yield running


@pytest.fixture
async def postgres(stoppable_postgres: PostgresPart) -> PostgresPart:
    """A PostgreSQL, running and empty, that the test may stop."""
    await asyncio.to_thread(stoppable_postgres.start)
    admin = await asyncpg.connect(stoppable_postgres.url)
    await admin.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    await admin.close()
    return stoppable_postgres


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Each kind of database."""
    return request.param


@pytest.fixture
async def store_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """An empty database."""
    if kind == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path}/store.db"
        return
    server: PostgresPart = request.getfixturevalue("shared_postgres")
    name = f"test_{uuid4().hex}"
    admin = await asyncpg.connect(server.url)
    await admin.execute(f"CREATE DATABASE {name}")
    yield f"{server.url.rpartition('/')[0]}/{name}"
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[Store]:
    """An open, empty store."""
    opened = await Store.open(store_url)
    yield opened
    await opened.close()
