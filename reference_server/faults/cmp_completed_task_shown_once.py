"""A completed task is shown once more, and then no longer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from pulsegate.reference_server.store import tasks
from pulsegate.reference_server.store.tables import Task
from pulsegate.reference_server.tampering import Seams

BREAKS = ("CMP-8", "CHAT-3")


def plant(seams: Seams) -> None:
    """Archive completed tasks when they have been seen."""
    seen: set[int] = set()

    def archiving(original: Any) -> Any:
        async def list_all(session: AsyncSession, user_id: str) -> Sequence[Task]:
            found = [task for task in await original(session, user_id) if task.id not in seen]
            seen.update(task.id for task in found if task.completed_at)
            return found

        return list_all

    seams.replace(tasks, "list_all", archiving)
