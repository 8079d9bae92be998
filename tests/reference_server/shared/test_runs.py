from __future__ import annotations

import asyncio

import pytest

from pulsegate.reference_server.run_script import run_steps
from pulsegate.reference_server.shared.logs import Logs
from pulsegate.reference_server.shared.runs import SharedRuns

pytestmark = [pytest.mark.needs("redis"), pytest.mark.usefixtures("quick_leases")]
STEPS = len(list(run_steps("a", False)))


@pytest.fixture
async def worker(connect):
    """Open the runs of a worker; words follow each other at once unless a gap is given."""
    opened = []

    async def make(word_gap_s=0.0):
        runs = SharedRuns(Logs(await connect()), word_gap_s)
        opened.append(runs)
        return runs

    yield make
    for runs in opened:
        await runs.close()


async def told(session, count):
    """The first events of a session, as they come."""
    events = []
    async for event in session.after(0, 20):
        events.append(event)
        if len(events) == count:
            return events
    return events


async def test_a_session_is_one_run_on_every_worker(worker):
    """Streams on two workers get the same events with the same ids, whichever came first."""
    one, two = await worker(), await worker()
    async with one.opened("alice", "a", "s") as here, two.opened("alice", "a", "s") as there:
        events = await told(here, STEPS)

        assert await told(there, STEPS) == events
        assert here.run_id == there.run_id


async def test_sessions_of_others_are_others(worker):
    """Caller, account and name tell sessions apart; one without a name is fresh."""
    one, two = await worker(), await worker()
    names = [("alice", "a", "s"), ("bob", "a", "s"), ("alice", "b", "s"), (None, "a", "s"), (None, "a", None)]
    ids = set()
    for runs in (one, two):
        for caller, account, name in names:
            async with runs.opened(caller, account, name) as session:
                ids.add(session.run_id)

    assert len(ids) == 6


async def test_a_stream_resumes_on_another_worker_without_loss(worker):
    """What one worker has shown, another knows: it goes on behind it."""
    one, two = await worker(0.02), await worker(0.02)
    async with one.opened(None, "a", "s") as session:
        seen = await told(session, 20)
    async with two.opened(None, "a", "s") as session:
        resumed = session.resume_from(str(seen[-1].id))
        assert resumed == seen[-1].id
        rest = []
        async for event in session.after(resumed, 20):
            rest.append(event)
            if len(seen) + len(rest) == STEPS:
                break
        whole = await told(session, STEPS)

    assert seen + rest == whole


async def test_the_run_of_a_dead_worker_goes_on_with_the_next_step(worker):
    """Nothing is told twice or left out, and a message keeps its id."""
    dead, two = await worker(0.05), await worker(0.0)
    async with dead.opened(None, "a", "t") as session:
        await told(session, 12)
        async with two.opened(None, "a", "t") as other:
            for task in dead._tasks:
                task.cancel()
            dead._logs.release = _nothing  # a killed worker gives nothing back
            for log in dead._logs._open.values():
                log.keeper.cancel()
            events = await told(other, STEPS)

    ids = [event.id for event in events]
    pieces = [event.data for event in events if event.name == "message_complete"]
    assert ids == sorted(set(ids))
    assert len(pieces) == 3
    assert [event.name for event in events] == [step.name for step in run_steps("a", False)]


async def _nothing(*_):
    await asyncio.sleep(0)


async def test_a_worker_that_ends_gives_its_runs_away(worker):
    """Another goes on as soon as it notices that nobody owns the run."""
    one, two = await worker(0.05), await worker(0.0)
    async with one.opened(None, "a", "s"), two.opened(None, "a", "s") as other:
        await told(other, 6)
        await one.close()
        assert len(await told(other, STEPS)) == STEPS
