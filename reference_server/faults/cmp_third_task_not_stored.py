"""A user's third task is confirmed but not kept."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from pulsegate.reference_server.store import tasks
from pulsegate.reference_server.store.tables import Task
from pulsegate.reference_server.tampering import Seams

BREAKS = ("CMP-8", "CHAT-3")


def plant(seams: Seams) -> None:
    """Add it to the session after the last flush, and forget to commit."""
    added: Counter[str] = Counter()

    def forgetting(original: Any) -> Any:
        async def add(session: AsyncSession, user_id: str, title: str) -> Task:
            added[user_id] += 1
            if added[user_id] == 3:
                return Task(user_id=user_id, number=3, title=title)
            task: Task = await original(session, user_id, title)
            return task

        return add

    seams.replace(tasks, "add", forgetting)
