"""The second user who works on tasks changes those of the first, by the same numbers."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from pulsegate.reference_server.store import tasks
from pulsegate.reference_server.store.tables import Task
from pulsegate.reference_server.tampering import Seams

BREAKS = ("CMP-8", "CHAT-3")


async def find_by_key(session: AsyncSession, _user_id: str, number: int) -> Task | None:
    """The task with that primary key, whoever owns it."""
    return await session.get(Task, number)


def plant(seams: Seams) -> None:
    """Take the number for the primary key."""

    def by_key(_: Any) -> Any:
        return find_by_key

    seams.replace(tasks, "find", by_key)
