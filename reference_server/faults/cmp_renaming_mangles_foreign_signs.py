"""Signs that Latin-1 lacks become question marks when a task is renamed."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from pulsegate.reference_server.store import tasks
from pulsegate.reference_server.store.tables import Task
from pulsegate.reference_server.tampering import Seams

BREAKS = ("CMP-8", "CHAT-3")


def plant(seams: Seams) -> None:
    """Store the new title in a column of the old character set."""

    def mangling(original: Any) -> Any:
        async def rename(session: AsyncSession, user_id: str, number: int, title: str) -> Task | None:
            stored = title.encode("latin-1", "replace").decode("latin-1")
            task: Task | None = await original(session, user_id, number, stored)
            return task

        return rename

    seams.replace(tasks, "rename", mangling)
