"""Versions of the tables: older stores are brought up to date, newer and strange ones refused."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import Connection, inspect, text

from pulsegate.reference_server.store import conversations, messages, schema
from pulsegate.reference_server.store.failures import SchemaNotOurs
from pulsegate.reference_server.store.messages import NewMessage
from pulsegate.reference_server.store.store import Store, _backend_of

VERSIONS = Path(__file__).parent / "versions"
ROW = "INSERT INTO tasks (id, user_id, number, title, created_at) VALUES (1, 'alice', 1, 'Old', '2026-01-01 00:00:00')"


async def run(url: str, *statements: str) -> None:
    """Execute `statements` on the database, whatever is in it."""
    backend = _backend_of(url)
    async with backend.connected(writing=True) as connection, connection.begin():
        for statement in statements:
            await connection.exec_driver_sql(statement)
    await backend.close()


async def described(url: str) -> dict[str, object]:
    """Columns, keys and indexes of every table."""

    def describe(connection: Connection) -> dict[str, object]:
        looked = inspect(connection)
        return {
            table: (
                [(one["name"], str(one["type"]), one["nullable"]) for one in looked.get_columns(table)],
                looked.get_pk_constraint(table)["constrained_columns"],
                sorted(one["constrained_columns"] for one in looked.get_foreign_keys(table)),
                sorted(one["column_names"] for one in looked.get_unique_constraints(table)),
                sorted((one["name"], one["column_names"]) for one in looked.get_indexes(table)),
            )
            for table in looked.get_table_names()
        }

    backend = _backend_of(url)
    async with backend.connected(writing=False) as connection:
        found = await connection.run_sync(describe)
    await backend.close()
    return found


def first_version(kind: str) -> list[str]:
    """The statements that made a store before versions were noted."""
    return (VERSIONS / f"1.{kind}.sql").read_text(encoding="utf-8").split(";\n")[:-1]


async def test_a_store_of_the_first_version_is_taken_over(kind, store_url, tmp_path):
    """It keeps its rows, and gets the very tables of a new store."""
    await run(store_url, *first_version(kind), ROW)
    store = await Store.open(store_url)
    titles = await store.read(lambda session: session.scalars(text("SELECT title FROM tasks")))
    assert list(titles) == ["Old"]
    conversation = await store.write(conversations.create, "alice", "chat")
    assert await store.write(messages.append, "alice", conversation.id, [NewMessage("user", "x")])
    await store.close()

    taken_over = await described(store_url)
    order = ("tool_calls", "messages", "registrations")  # what refers to others goes first
    await run(store_url, *(f"DROP TABLE {name}" for name in (*order, *sorted(set(taken_over) - set(order)))))
    await (await Store.open(store_url)).close()
    assert await described(store_url) == taken_over


async def test_many_may_open_an_empty_database_at_once(store_url):
    """Each finds the whole schema, which one of them made."""
    stores = await asyncio.gather(*(Store.open(store_url) for _ in range(4)))

    versions = await stores[0].read(lambda session: session.scalars(text("SELECT version FROM schema_version")))
    assert list(versions) == [schema.VERSION]
    for store in stores:
        assert await store.write(conversations.create, "alice", "chat")
        await store.close()


async def test_a_newer_store_is_refused(store_url):
    """The sentence says both versions, and what to do; nothing is changed."""
    await (await Store.open(store_url)).close()
    await run(store_url, "INSERT INTO schema_version VALUES (99, '2026-01-01 00:00:00')")

    with pytest.raises(SchemaNotOurs, match=f"of version 99, and this server knows {schema.VERSION}: update"):
        await Store.open(store_url)


async def test_a_database_of_another_program_is_refused(store_url):
    """A table with one of our names is not taken for ours."""
    await run(store_url, "CREATE TABLE events (what TEXT)")

    with pytest.raises(SchemaNotOurs, match=r"of another program \(events\)"):
        await Store.open(store_url)


async def test_a_step_that_fails_changes_nothing(kind, store_url, monkeypatch):
    """The store is as it was, and the next start tries again."""

    def half(connection: Connection) -> None:
        connection.execute(text("ALTER TABLE tasks ADD COLUMN colour TEXT"))
        raise LookupError

    await run(store_url, *first_version(kind))
    before = await described(store_url)
    with monkeypatch.context() as broken:
        broken.setitem(schema.STEPS, 2, half)
        with pytest.raises(LookupError):
            await Store.open(store_url)

    assert await described(store_url) == before
    await (await Store.open(store_url)).close()
