"""The task list is a Markdown table with a heading, and other words say what was done."""

from __future__ import annotations

from collections.abc import Sequence

from pulsegate.reference_server.agent import phrases
from pulsegate.reference_server.store.tables import Task
from pulsegate.reference_server.tampering import Seams


def plant(seams: Seams) -> None:
    """Show tasks in columns."""
    seams.replace(phrases, "task_list", lambda _: _table)


def _table(tasks: Sequence[Task]) -> str:
    done = sum(task.completed_at is not None for task in tasks)
    head = [f"**{len(tasks)} tasks**, {done} of them done:", "", "| Status | Task | # |", "|:--|---|--:|"]
    rows = [f"| {'done' if task.completed_at else 'to do'} | {task.title} | {task.number} |" for task in tasks]
    return "\n".join([*head, *rows, "", "Anything else?"])
