"""Updating a title renames the user's first task, whatever number was said."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from pulsegate.reference_server.store import tasks
from pulsegate.reference_server.store.tables import Task
from pulsegate.reference_server.tampering import Seams

BREAKS = ("CMP-8", "CHAT-3")


def plant(seams: Seams) -> None:
    """Find the user's tasks, and take the first."""

    def first(original: Any) -> Any:
        async def rename(session: AsyncSession, user_id: str, _number: int, title: str) -> Task | None:
            task: Task | None = await original(session, user_id, 1, title)
            return task

        return rename

    seams.replace(tasks, "rename", first)
