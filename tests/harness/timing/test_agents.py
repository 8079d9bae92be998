"""What events tell of agents."""

from __future__ import annotations

import pytest

from pulsegate.harness.timing.agents import Agents, AgentStatus, EventFilter


def test_the_latest_status_of_each_agent_is_known():
    """Progress and task stay as they were where an update leaves them out."""
    agents = Agents()
    agents.take("agent_update", {"agentId": "a", "status": "running", "progress": 40, "currentTask": "read"}, 1)
    agents.take("agent_status", {"agentId": "a", "status": "paused"}, 2)
    assert agents.get("a") == AgentStatus("a", "paused", 40.0, "read", 2)
    assert agents.get("b") is None
    assert list(agents.all()) == ["a"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("message_delta", {"agentId": "a", "status": "running"}),
        ("agent_update", {"agentId": "a", "status": "Running"}),
        ("agent_update", {"agentId": "a", "status": ["running"]}),
        ("agent_update", {"agentId": 1, "status": "running"}),
        ("agent_update", ["agentId"]),
        ("agent_update", None),
    ],
)
def test_what_is_no_status_is_passed_over(name, data):
    """Other events and undocumented words change nothing."""
    agents = Agents()
    assert agents.take(name, data, 1) is None
    assert agents.all() == {}


def test_a_progress_that_is_no_number_is_none():
    """A truth value or a text is no progress."""
    agents = Agents()
    for progress in (True, "40"):
        agents.take("agent_update", {"agentId": "a", "status": "running", "progress": progress}, 1)
    assert agents.get("a").progress is None


def test_a_filter_lets_the_named_events_pass():
    """Without names all events pass."""
    assert [EventFilter(["agent_update"]).passes(name) for name in ("agent_update", "heartbeat")] == [True, False]
    assert EventFilter().passes("heartbeat")
