"""Transactions: whole or not at all, many at once, safe from cancellation."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from pulsegate.reference_server.store import tasks
from pulsegate.reference_server.store.store import Store


async def test_what_was_written_is_there_after_reopening(store_url):
    """A second store on the same database reads what the first wrote."""
    first = await Store.open(store_url)
    await first.write(tasks.add, "alice", "Buy milk")
    await first.close()
    second = await Store.open(store_url)

    assert [task.title for task in await second.read(tasks.list_all, "alice")] == ["Buy milk"]
    await second.close()


async def test_a_database_in_memory_is_refused():
    """A URL without a file raises a sentence that says what is needed."""
    with pytest.raises(ValueError, match="needs a file"):
        await Store.open("sqlite+aiosqlite:///:memory:")


async def test_a_failing_operation_leaves_nothing(store):
    """What an operation wrote before it raised is rolled back."""

    async def add_and_fail(session):
        await tasks.add(session, "alice", "Never there")
        raise LookupError

    with pytest.raises(LookupError):
        await store.write(add_and_fail)

    assert list(await store.read(tasks.list_all, "alice")) == []


async def test_concurrent_writers_and_readers_do_not_lock_each_other_out(store):
    """Forty writes among forty reads all succeed, and no number is given twice."""
    reads = (store.read(tasks.list_all, "alice") for _ in range(40))
    writes = [store.write(tasks.add, "alice", f"task {n}") for n in range(40)]
    await asyncio.gather(*writes, *reads)

    numbers = [task.number for task in await store.read(tasks.list_all, "alice")]
    assert list(range(1, 41)) == numbers


async def test_two_stores_on_one_database_write_at_the_same_time(store, store_url):
    """Writers of two processes' worth of connections wait for each other and give no number twice."""
    other = await Store.open(store_url)
    await asyncio.gather(*(each.write(tasks.add, "alice", "same") for each in (store, other) for _ in range(15)))

    numbers = [task.number for task in await store.read(tasks.list_all, "alice")]
    assert list(range(1, 31)) == numbers
    await other.close()


async def test_a_write_is_finished_although_its_caller_is_cancelled(store):
    """A client that leaves does not tear its transaction."""
    begun, finished = asyncio.Event(), asyncio.Event()

    async def slow_add(session):
        begun.set()
        await session.execute(text("SELECT 1"))
        task = await tasks.add(session, "alice", "Kept")
        finished.set()
        return task

    caller = asyncio.create_task(store.write(slow_add))
    await begun.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    await finished.wait()
    await store.write(tasks.add, "alice", "Next")

    assert [task.title for task in await store.read(tasks.list_all, "alice")] == ["Kept", "Next"]
