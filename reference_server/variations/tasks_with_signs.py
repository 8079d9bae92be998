"""The task list has boxes drawn as signs, quoted titles, and a second line under each task."""

from __future__ import annotations

from collections.abc import Sequence

from pulsegate.reference_server.agent import phrases
from pulsegate.reference_server.store.tables import Task
from pulsegate.reference_server.tampering import Seams


def plant(seams: Seams) -> None:
    """Show tasks as signs, what is open before what is completed."""
    seams.replace(phrases, "task_list", lambda _: _list)


def _list(tasks: Sequence[Task]) -> str:
    ordered = sorted(tasks, key=lambda task: task.completed_at is not None)
    rows = [
        f"{task.number}) {'☑' if task.completed_at else '☐'} “{task.title}”\n     added on {task.created_at:%d.%m.%Y}"
        for task in ordered
    ]
    return "\n".join(["📋 Here you are:", *rows])
