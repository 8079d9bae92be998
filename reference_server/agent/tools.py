"""The tools of the agent: each acts on the tasks of one user and says what it did."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from pulsegate.reference_server.agent import phrases
from pulsegate.reference_server.agent.intents import Intent, ToolName
from pulsegate.reference_server.store import tasks
from pulsegate.reference_server.store.store import Store
from pulsegate.reference_server.store.tables import Task


@dataclass(frozen=True)
class Outcome:
    """What a tool did: the sentence for the user, the data for the audit, and the error when it failed."""

    text: str
    output: dict[str, Any] = field(default_factory=dict)
    error: str | None = None


async def run_tool(store: Store, user_id: str, intent: Intent) -> Outcome:
    """Run the tool that `intent` names, for `user_id`."""
    if intent.tool is None:
        raise ValueError(f"the intent {intent.name} has no tool")
    return await _TOOLS[intent.tool](store, user_id, intent)


def tool_input(intent: Intent) -> dict[str, Any]:
    """The arguments of the tool, as they are kept with the call."""
    given = {"number": intent.number, "title": intent.title}
    return {name: value for name, value in given.items() if value is not None}


async def _add(store: Store, user_id: str, intent: Intent) -> Outcome:
    task = await store.write(tasks.add, user_id, intent.title or "")
    return Outcome(f"Task created: {task.title}", {"task": _facts(task)})


async def _list(store: Store, user_id: str, _intent: Intent) -> Outcome:
    found = await store.read(tasks.list_all, user_id)
    return Outcome(phrases.task_list(found), {"count": len(found)})


async def _complete(store: Store, user_id: str, intent: Intent) -> Outcome:
    number = intent.number or 0
    return _outcome("completed", number, await store.write(tasks.complete, user_id, number))


async def _update(store: Store, user_id: str, intent: Intent) -> Outcome:
    number = intent.number or 0
    return _outcome("updated", number, await store.write(tasks.rename, user_id, number, intent.title or ""))


async def _delete(store: Store, user_id: str, intent: Intent) -> Outcome:
    number = intent.number or 0
    return _outcome("deleted", number, await store.write(tasks.delete, user_id, number))


def _outcome(done: str, number: int, task: Task | None) -> Outcome:
    if task is None:
        return Outcome(phrases.no_such_task(number), error=f"no task {number}")
    return Outcome(f"Task {number} {done}: {task.title}", {"task": _facts(task)})


def _facts(task: Task) -> dict[str, Any]:
    return {"number": task.number, "title": task.title, "completed": task.completed_at is not None}


_TOOLS: dict[ToolName, Callable[[Store, str, Intent], Awaitable[Outcome]]] = {
    "add_task": _add,
    "list_tasks": _list,
    "update_task": _update,
    "complete_task": _complete,
    "delete_task": _delete,
}
