"""Tasks: each belongs to one user, who knows it by its number."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from pulsegate.reference_server.store.locks import hold
from pulsegate.reference_server.store.tables import Task, utc_now

#: What of a user's is held while it is changed.
TASKS = "tasks"


async def add(session: AsyncSession, user_id: str, title: str) -> Task:
    """Add an open task; its number is one more than any that `user_id` ever had."""
    await hold(session, TASKS, user_id)
    last = await session.scalar(select(func.max(Task.number)).where(Task.user_id == user_id))
    task = Task(user_id=user_id, number=(last or 0) + 1, title=title)
    session.add(task)
    await session.flush()
    return task


async def list_all(session: AsyncSession, user_id: str) -> Sequence[Task]:
    """The tasks of `user_id` by number, the completed ones too."""
    query = select(Task).where(Task.user_id == user_id, Task.deleted_at.is_(None)).order_by(Task.number)
    return (await session.scalars(query)).all()


async def find(session: AsyncSession, user_id: str, number: int) -> Task | None:
    """The task that `user_id` knows as `number`."""
    query = select(Task).where(Task.user_id == user_id, Task.number == number, Task.deleted_at.is_(None))
    return await session.scalar(query)


async def complete(session: AsyncSession, user_id: str, number: int) -> Task | None:
    """Mark a task as completed; None when there is no such task."""
    await hold(session, TASKS, user_id)
    task = await find(session, user_id, number)
    if task is not None and task.completed_at is None:
        task.completed_at = utc_now()
    return task


async def rename(session: AsyncSession, user_id: str, number: int, title: str) -> Task | None:
    """Give a task another title; None when there is no such task."""
    await hold(session, TASKS, user_id)
    task = await find(session, user_id, number)
    if task is not None:
        task.title = title
    return task


async def delete(session: AsyncSession, user_id: str, number: int) -> Task | None:
    """Delete a task and return it; None when there is no such task. Its number stays taken."""
    await hold(session, TASKS, user_id)
    task = await find(session, user_id, number)
    if task is not None:
        task.deleted_at = utc_now()
    return task
