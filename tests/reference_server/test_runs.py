from __future__ import annotations

import pytest

from pulsegate.reference_server import runs as runs_module
from pulsegate.reference_server.run_script import AGENTS, run_steps
from pulsegate.reference_server.runs import ID_STEP, Runs


@pytest.fixture
async def runs():
    """Runs whose words follow each other at once."""
    registry = Runs(0)
    yield registry
    registry.close()


async def everything(session):
    """The events of a whole run, read until the first keepalive."""
    events = []
    async for event in session.after(0, 0.05):
        if event is None:
            return events
        events.append(event)
    return events


async def test_session_is_found_again_by_caller_account_and_name(runs):
    """The same three names lead to the same session, any other to another."""
    names = [("alice", "a", "s"), ("alice", "a", "s"), ("bob", "a", "s"), ("alice", "b", "s"), (None, "a", "s")]
    found = []
    for caller, account, session_id in names:
        with runs.opened(caller, account, session_id) as session:
            found.append(session)

    assert found[0] is found[1]
    assert len({session.run_id for session in found}) == 4


async def test_session_without_a_name_is_fresh(runs):
    """Nobody joins a session that was not named."""
    with runs.opened(None, "a", None) as one, runs.opened(None, "a", None) as two:
        assert one is not two


async def test_run_goes_on_when_nobody_listens(runs):
    """A stream that opens later still gets everything, in order."""
    with runs.opened("alice", "a", "s"):
        pass
    with runs.opened("alice", "a", "s") as session:
        events = await everything(session)

    assert [event.id for event in events] == [ID_STEP * (n + 1) for n in range(len(events))]
    assert events[-1].name == "execution_progress"


async def test_detached_sessions_are_forgotten_beyond_the_limit(runs, monkeypatch):
    """Only the latest sessions that nobody listens to are kept; one with a listener always is."""
    monkeypatch.setattr(runs_module, "MAX_DETACHED", 2)
    with runs.opened("alice", "a", "held") as held:
        for name in "123456":
            with runs.opened("alice", "a", name) as session:
                last = session
        with runs.opened("alice", "a", "held") as again, runs.opened("alice", "a", "6") as kept:
            assert again is held
            assert kept is last
    with runs.opened("alice", "a", "1") as session:
        assert session.events == []


async def test_old_sessions_are_forgotten(runs, monkeypatch):
    """A session that everybody left long ago starts anew."""
    with runs.opened("alice", "a", "s") as before:
        pass
    monkeypatch.setattr(runs_module, "MAX_AGE_S", -1.0)
    with runs.opened("alice", "a", "s") as after:
        assert after.run_id != before.run_id


@pytest.mark.parametrize(
    ("last_event_id", "resumed"),
    [(None, 0), ("0", 0), ("1", 1), ("1000", 1000), ("2999", 2999), ("x", 0), ("", 0), ("-1", 0), ("9" * 30, 0)],
)
async def test_stream_resumes_only_from_ids_of_the_session(runs, last_event_id, resumed):
    """An unknown id means the beginning."""
    with runs.opened("alice", "a", "s") as session:
        await everything(session)

        assert session.resume_from(last_event_id) == resumed
        assert session.resume_from(str((len(session.events) + 1) * ID_STEP)) == 0


async def test_greeting_lies_between_the_resumed_and_the_next_event(runs):
    """There is room for many reconnections between two events; without room there is no greeting."""
    with runs.opened("alice", "a", "s") as session:
        assert session.greeting_id(0) == 1
        assert session.greeting_id(4 * ID_STEP + 7) == 4 * ID_STEP + 8
        assert session.greeting_id(5 * ID_STEP - 1) is None


def test_script_is_the_same_every_time():
    """Two runs differ in nothing but the ids of their messages."""

    def without_ids(fail):
        return [(step.name, {**step.data, "messageId": None}) for step in run_steps("a", fail)]

    assert without_ids(False) == without_ids(False)
    assert without_ids(True) != without_ids(False)


def test_every_agent_begins_idle_and_ends_completed():
    """The script plays each agent through a legal sequence."""
    for agent in AGENTS:
        statuses = [
            step.data["status"]
            for step in run_steps("a", False)
            if step.data.get("agentId") == agent and "status" in step.data
        ]
        assert (statuses[0], statuses[1], statuses[-1]) == ("idle", "running", "completed")
