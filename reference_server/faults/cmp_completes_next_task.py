"""Marking a task completes the one below it."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from pulsegate.reference_server.store import tasks
from pulsegate.reference_server.store.tables import Task
from pulsegate.reference_server.tampering import Seams

BREAKS = ("CMP-8", "CHAT-3")


def plant(seams: Seams) -> None:
    """Take the number for an index that counts from zero."""

    def off_by_one(original: Any) -> Any:
        async def complete(session: AsyncSession, user_id: str, number: int) -> Task | None:
            task: Task | None = await original(session, user_id, number + 1)
            return task

        return complete

    seams.replace(tasks, "complete", off_by_one)
