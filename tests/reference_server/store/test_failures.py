"""A database that cannot do it: StoreAway in bounded time, never a success that is none, and recovery by itself."""

from __future__ import annotations

import asyncio
import sqlite3

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from pulsegate.reference_server.store import conversations, messages, postgresql, tasks
from pulsegate.reference_server.store import store as store_module
from pulsegate.reference_server.store.failures import StoreAway, Unstorable
from pulsegate.reference_server.store.messages import NewMessage
from pulsegate.reference_server.store.store import Store

ANSWER_LIMIT_S = 30  # of the machine, not of the store: a guard against hanging

needs_postgres = pytest.mark.needs("postgres")
only_sqlite = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
only_postgres = pytest.mark.parametrize("kind", [pytest.param("postgresql", marks=needs_postgres)], indirect=True)


async def titles(store: Store) -> list[str]:
    """What alice has to do."""
    return [task.title for task in await store.read(tasks.list_all, "alice")]


@pytest.mark.parametrize("bad", ["a\x00b", "a\ud800b"])
async def test_texts_that_not_every_database_keeps_are_refused_by_all(store, bad):
    """U+0000 and halves of surrogate pairs are named, and nothing is written or looked for."""
    with pytest.raises(Unstorable, match="cannot be stored"):
        await store.write(tasks.add, "alice", bad)
    with pytest.raises(Unstorable, match="cannot be stored"):
        await store.read(tasks.list_all, bad)
    with pytest.raises(Unstorable, match="cannot be stored"):
        await store.write(conversations.create, "alice", "chat", bad)
    assert await titles(store) == []


async def test_a_defect_of_ours_is_no_failure_of_the_database(store):
    """Wrong SQL stays what it is, without the texts of users in it."""
    with pytest.raises(DBAPIError) as problem:
        await store.read(
            lambda session: session.execute(text("SELECT nothing FROM nowhere WHERE a = :a"), {"a": "mine"})
        )
    assert "mine" not in str(problem.value)


@only_sqlite
async def test_a_writer_waits_for_a_locked_file_and_holds_up_nobody(store, tmp_path):
    """While another program holds the file, readers read; when it lets go, the write is done."""
    other = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    write = asyncio.create_task(store.write(tasks.add, "alice", "Late"))
    for _ in range(20):
        assert await titles(store) == []
    assert not write.done()
    other.execute("ROLLBACK")
    other.close()

    await write
    assert await titles(store) == ["Late"]


@only_sqlite
async def test_a_file_that_stays_locked_is_away(store, tmp_path, monkeypatch):
    """Patience ends."""
    monkeypatch.setattr(store_module, "PATIENCE_S", 0.1)
    other = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreAway, match="database is locked"):
        await store.write(tasks.add, "alice", "Never")
    other.execute("ROLLBACK")
    other.close()

    await store.write(tasks.add, "alice", "Now")
    assert await titles(store) == ["Now"]


@only_sqlite
async def test_a_full_disk_is_away(store):
    """Nothing of what did not fit is kept, and it goes on when there is room again."""

    async def limit(session, pages):
        await session.execute(text(f"PRAGMA max_page_count = {pages}"))

    used = await store.read(lambda session: session.scalar(text("PRAGMA page_count")))
    await store.read(limit, used + 1)
    with pytest.raises(StoreAway, match="disk is full"):
        await store.write(tasks.add, "alice", "x" * 1_000_000)
    assert await titles(store) == []

    await store.read(limit, used + 1000)
    await store.write(tasks.add, "alice", "Room")
    assert await titles(store) == ["Room"]


@needs_postgres
async def test_a_stopped_server_is_away_until_it_is_back(postgres):
    """Reads and writes fail at once, and succeed again without anybody's help; what was written is there."""
    store = await Store.open(postgres.url)
    await store.write(tasks.add, "alice", "Before")
    await asyncio.to_thread(postgres.halt)
    async with asyncio.timeout(ANSWER_LIMIT_S):
        for _ in range(3):
            with pytest.raises(StoreAway):
                await store.read(tasks.list_all, "alice")
            with pytest.raises(StoreAway):
                await store.write(tasks.add, "alice", "Meanwhile")
    await asyncio.to_thread(postgres.start)

    await store.write(tasks.add, "alice", "After")
    assert await titles(store) == ["Before", "After"]
    await store.close()


@needs_postgres
async def test_connections_that_a_restart_closed_are_not_used(postgres):
    """Nobody notices a restart between two requests."""
    store = await Store.open(postgres.url)
    await asyncio.gather(*(store.write(tasks.add, "alice", str(number)) for number in range(8)))
    await asyncio.to_thread(postgres.restart)

    found = await asyncio.gather(*(titles(store) for _ in range(8)))
    assert [len(each) for each in found] == [8] * 8
    await store.close()


@needs_postgres
async def test_a_killed_server_keeps_what_it_acknowledged(postgres):
    """SIGKILL loses nothing that a write returned from."""
    store = await Store.open(postgres.url)
    acknowledged: list[str] = []
    busy = asyncio.Event()

    async def write_on() -> None:
        for number in range(10_000):
            await store.write(tasks.add, "alice", str(number))
            acknowledged.append(str(number))
            if number == 10:
                busy.set()

    writer = asyncio.create_task(write_on())
    await busy.wait()
    await asyncio.to_thread(postgres.kill)
    with pytest.raises(StoreAway):
        await writer
    await asyncio.to_thread(postgres.start)

    kept = await titles(store)
    assert kept[: len(acknowledged)] == acknowledged
    assert len(kept) <= len(acknowledged) + 1  # one may have been committed without a word
    await store.close()


@needs_postgres
async def test_a_silent_server_holds_nobody_up(postgres, monkeypatch):
    """What is under way is given up and its connections are cut; it goes on when the server does."""
    store = await Store.open(postgres.url)
    await store.write(tasks.add, "alice", "Before")
    monkeypatch.setattr(postgresql, "TRANSACTION_LIMIT_S", 0.3)
    monkeypatch.setattr(postgresql, "CONNECT_LIMIT_S", 0.3)
    with postgres.paused():
        async with asyncio.timeout(ANSWER_LIMIT_S):
            writes = (store.write(tasks.add, "alice", "Meanwhile") for _ in range(15))
            results = await asyncio.gather(*writes, *(titles(store) for _ in range(15)), return_exceptions=True)
    assert {type(result) for result in results} == {StoreAway}

    monkeypatch.undo()
    await store.write(tasks.add, "alice", "After")
    assert [title for title in await titles(store) if title != "Meanwhile"] == ["Before", "After"]
    await store.close()


@only_postgres
async def test_a_statement_has_a_time_limit(kind, store_url, monkeypatch):
    """The server ends it, and the connection is good for the next."""
    monkeypatch.setattr(postgresql, "STATEMENT_LIMIT_S", 0.2)
    store = await Store.open(store_url)
    with pytest.raises(StoreAway, match="statement timeout"):
        await store.read(lambda session: session.execute(text("SELECT pg_sleep(60)")))

    assert await titles(store) == []
    await store.close()


@only_postgres
async def test_waiting_for_a_connection_has_a_time_limit(kind, store_url, monkeypatch):
    """Whoever finds all connections taken is sent away."""
    monkeypatch.setattr(postgresql, "POOL_SIZE", 1)
    monkeypatch.setattr(postgresql, "POOL_WAIT_S", 0.1)
    store = await Store.open(store_url)
    taken, free = asyncio.Event(), asyncio.Event()

    async def hold(_session):
        taken.set()
        await free.wait()

    holder = asyncio.create_task(store.read(hold))
    await taken.wait()
    with pytest.raises(StoreAway, match="QueuePool limit"):
        await titles(store)
    free.set()
    await holder

    assert await titles(store) == []
    await store.close()


@only_postgres
async def test_a_commit_without_an_answer_is_no_success(store):
    """The connection is lost while the transaction is committed: the writer is not told that it was."""
    await store.write(_lose_connections_at_commit)

    with pytest.raises(StoreAway):
        await store.write(tasks.add, "alice", "Perhaps")
    assert await titles(store) in ([], ["Perhaps"])


async def _lose_connections_at_commit(session) -> None:
    await session.execute(
        text(
            "CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$"
        )
    )
    await session.execute(
        text(
            "CREATE CONSTRAINT TRIGGER lose AFTER INSERT ON tasks DEFERRABLE INITIALLY DEFERRED "
            "FOR EACH ROW EXECUTE FUNCTION lose()"
        )
    )


@only_postgres
async def test_of_a_deadlock_both_come_through(store):
    """The one that the database ends is run again."""
    first, second = [await store.write(conversations.create, "alice", "chat") for _ in range(2)]
    both_hold_one = asyncio.Barrier(2)
    attempts = 0

    async def rename_both(session, here, there):
        nonlocal attempts
        attempts += 1
        again = attempts > 2
        await conversations.rename(session, "alice", "chat", here.id, "Mine")
        await session.flush()
        if not again:
            await both_hold_one.wait()
        await conversations.rename(session, "alice", "chat", there.id, "Mine")
        await session.flush()

    await asyncio.gather(store.write(rename_both, first, second), store.write(rename_both, second, first))

    assert attempts == 3


async def test_whoever_renames_what_is_removed_meanwhile_finds_nothing(store):
    """Neither fails: the conversation is renamed before, or not there after."""
    made = [await store.write(conversations.create, "alice", "thread") for _ in range(10)]
    renames = [store.write(conversations.rename, "alice", "thread", each.id, "New") for each in made]
    removals = [store.write(conversations.remove, "alice", "thread", each.id) for each in made]
    results = await asyncio.gather(*(each for pair in zip(renames, removals, strict=True) for each in pair))

    assert results[1::2] == [True] * 10


async def test_cutting_while_turns_are_taken_leaves_no_gap(store):
    """Numbers stay consecutive, whichever comes first."""
    conversation = await store.write(conversations.create, "alice", "chat")
    (first,) = await store.write(messages.append, "alice", conversation.id, [NewMessage("user", "first")])
    turns = ([NewMessage("user", "q"), NewMessage("assistant", "a")] for _ in range(6))
    appends = (store.write(messages.append, "alice", conversation.id, turn) for turn in turns)
    cuts = (store.write(messages.cut_after, "alice", conversation.id, first.public_id) for _ in range(6))
    await asyncio.gather(*(each for pair in zip(appends, cuts, strict=True) for each in pair))

    page = await store.read(messages.page, "alice", conversation.id, limit=100, order="asc")
    numbers = [row.sequence_number for row in page.rows]
    assert numbers == list(range(1, len(numbers) + 1))
