"""The list shows the tasks of all users."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pulsegate.reference_server.store import tasks
from pulsegate.reference_server.store.tables import Task
from pulsegate.reference_server.tampering import Seams

BREAKS = ("CMP-8", "CHAT-3")
CAUSES = {"CMP-8": "shared", "CHAT-3": "shared"}


async def list_everything(session: AsyncSession, _user_id: str) -> Sequence[Task]:
    """Every task there is."""
    return (await session.scalars(select(Task).where(Task.deleted_at.is_(None)).order_by(Task.number))).all()


def plant(seams: Seams) -> None:
    """Forget the owner in the query."""

    def unowned(_: Any) -> Any:
        return list_everything

    seams.replace(tasks, "list_all", unowned)
