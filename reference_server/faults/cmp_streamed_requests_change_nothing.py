"""What is asked of a task in a streamed turn is confirmed but not done."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from pulsegate.reference_server.routers import cmp
from pulsegate.reference_server.store import tasks
from pulsegate.reference_server.store.tables import Task
from pulsegate.reference_server.tampering import Seams

BREAKS = ("CMP-8",)


STREAMED: ContextVar[bool] = ContextVar("streamed", default=False)


def plant(seams: Seams) -> None:
    """Roll the tool's transaction back when the first chunk leaves."""

    def noting(original: Any) -> Any:
        async def read_body(*given: Any) -> Any:
            body = await original(*given)
            STREAMED.set(bool(body.stream))
            return body

        return read_body

    def undone(original: Any) -> Any:
        async def add(session: AsyncSession, user_id: str, title: str) -> Task:
            if STREAMED.get():
                return Task(user_id=user_id, number=0, title=title)
            task: Task = await original(session, user_id, title)
            return task

        return add

    seams.replace(cmp, "read_body", noting)
    seams.replace(tasks, "add", undone)
