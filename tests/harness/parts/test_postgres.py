"""The PostgreSQL of our own, by what a client sees."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from pulsegate.harness.parts.postgres import PostgresPart

pytestmark = [pytest.mark.server, pytest.mark.needs("postgres")]


async def fetch(url: str, statement: str) -> list[object]:
    """The first column of what `statement` gives."""
    connection = await asyncpg.connect(url, timeout=5)
    try:
        return [row[0] for row in await connection.fetch(statement)]
    finally:
        await connection.close()


async def test_what_was_committed_survives_halt_and_kill():
    """Both leave the data; a database is no cache."""
    async with PostgresPart() as postgres:
        await fetch(postgres.url, "CREATE TABLE kept AS SELECT 'é' AS word")
        await asyncio.to_thread(postgres.kill)
        await asyncio.to_thread(postgres.start)
        await fetch(postgres.url, "INSERT INTO kept VALUES ('ü')")
        await asyncio.to_thread(postgres.restart)
        assert await fetch(postgres.url, "SELECT word FROM kept ORDER BY 1") == ["é", "ü"]


async def test_only_the_password_opens_it():
    """Another user of the machine reaches the port, and nothing behind it."""
    async with PostgresPart() as postgres:
        with pytest.raises(asyncpg.InvalidPasswordError):
            await fetch(postgres.url.replace(postgres.password, "guess"), "SELECT 1")


async def test_paused_it_accepts_and_is_silent():
    """As a server behind a broken network is; afterwards it answers what was asked meanwhile."""
    async with PostgresPart() as postgres:
        connection = await asyncpg.connect(postgres.url)
        with postgres.paused():
            asked = asyncio.create_task(connection.fetchval("SELECT 1"))
            with pytest.raises(TimeoutError):
                await asyncpg.connect(postgres.url, timeout=0.3)
            assert not asked.done()
        assert await asked == 1
        await connection.close()
