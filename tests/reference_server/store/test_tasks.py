"""Tasks: numbers that stay, and a list of one's own."""

from __future__ import annotations

from pulsegate.reference_server.store import tasks


async def test_numbers_stay_when_another_task_is_deleted(store):
    """Deleting task 2 of 3 neither moves task 3 nor frees a number."""
    for title in ("one", "two", "three"):
        await store.write(tasks.add, "alice", title)
    await store.write(tasks.delete, "alice", 2)
    await store.write(tasks.delete, "alice", 3)
    await store.write(tasks.add, "alice", "four")

    rows = [(task.number, task.title) for task in await store.read(tasks.list_all, "alice")]
    assert rows == [(1, "one"), (4, "four")]


async def test_users_number_their_own_tasks(store):
    """Bob's first task is number 1 whatever alice has, and he reaches none of hers."""
    await store.write(tasks.add, "alice", "one")
    await store.write(tasks.add, "alice", "two")
    first = await store.write(tasks.add, "bob", "his")

    assert first.number == 1
    assert await store.write(tasks.rename, "bob", 2, "stolen") is None
    assert await store.write(tasks.complete, "bob", 2) is None
    assert await store.write(tasks.delete, "bob", 2) is None
    assert [task.title for task in await store.read(tasks.list_all, "alice")] == ["one", "two"]


async def test_completing_twice_keeps_the_first_moment(store):
    """A completed task stays completed since the first time."""
    await store.write(tasks.add, "alice", "one")
    first = await store.write(tasks.complete, "alice", 1)
    second = await store.write(tasks.complete, "alice", 1)

    assert first.completed_at == second.completed_at
    assert first.completed_at.tzinfo is not None
