"""What the events of a stream say of agents, and which events are wanted at all."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

#: The documented states of an agent (RT-2, WS-5).
AGENT_STATES = frozenset({"idle", "running", "completed", "failed", "paused"})
#: The events and messages that tell of one.
_TELLING = frozenset({"agent_update", "agent_status"})


class EventFilter:
    """Lets the named events pass; without names, all."""

    __slots__ = ("_names",)

    def __init__(self, names: Collection[str] = ()) -> None:
        self._names = frozenset(names)

    def passes(self, name: str) -> bool:
        """Whether an event of that name is wanted."""
        return not self._names or name in self._names


@dataclass(frozen=True, slots=True)
class AgentStatus:
    """What is known of one agent; `at_ns` is when that came."""

    agent_id: str
    status: str
    progress: float | None
    current_task: str
    at_ns: int


class Agents:
    """The latest status of each agent."""

    def __init__(self) -> None:
        self._known: dict[str, AgentStatus] = {}

    def take(self, name: str, data: Any, at_ns: int) -> AgentStatus | None:
        """Take an event or message; the agent's new status, if it tells one in the documented words.

        A progress or task that is left out stays as it was.
        """
        if name not in _TELLING or not isinstance(data, Mapping):
            return None
        agent_id, status = data.get("agentId"), data.get("status")
        if not (isinstance(agent_id, str) and isinstance(status, str) and status in AGENT_STATES):
            return None
        before = self._known.get(agent_id)
        progress, task = data.get("progress"), data.get("currentTask")
        told = AgentStatus(
            agent_id,
            status,
            progress=_number(progress, before.progress if before else None),
            current_task=task if isinstance(task, str) else before.current_task if before else "",
            at_ns=at_ns,
        )
        self._known[agent_id] = told
        return told

    def get(self, agent_id: str) -> AgentStatus | None:
        """The latest status of one agent; None when nothing was told of it."""
        return self._known.get(agent_id)

    def all(self) -> dict[str, AgentStatus]:
        """The latest status of each."""
        return dict(self._known)


def _number(value: object, otherwise: float | None) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return otherwise
    try:
        return float(value)
    except OverflowError:  # an integer of hundreds of digits
        return otherwise
