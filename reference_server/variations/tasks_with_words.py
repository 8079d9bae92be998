"""The task list has numbers with a hash sign, the newest task first, and the word done behind what is completed."""

from __future__ import annotations

from collections.abc import Sequence

from pulsegate.reference_server.agent import phrases
from pulsegate.reference_server.store.tables import Task
from pulsegate.reference_server.tampering import Seams


def plant(seams: Seams) -> None:
    """Show tasks in plain words."""
    seams.replace(phrases, "task_list", lambda _: _list)


def _list(tasks: Sequence[Task]) -> str:
    rows = [f"#{task.number} {task.title}{' (done)' if task.completed_at else ''}" for task in reversed(tasks)]
    return "\r\n".join(rows) or "Nothing to do!"
