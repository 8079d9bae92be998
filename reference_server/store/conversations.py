"""Conversations: each belongs to one user, and only that user can reach it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Literal, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from pulsegate.reference_server.store.tables import Conversation, utc_now

Kind = Literal["chat", "thread"]
Order = Literal["asc", "desc"]
Row = TypeVar("Row")

TITLE_LENGTH = 255


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows of a longer list, and whether more follow."""

    rows: list[Row]
    has_more: bool


async def create(
    session: AsyncSession, user_id: str, kind: Kind, title: str | None = None, created_at: datetime | None = None
) -> Conversation:
    """Start a conversation, now unless `created_at` says otherwise."""
    moment = created_at or utc_now()
    conversation = Conversation(user_id=user_id, kind=kind, title=title, created_at=moment, updated_at=moment)
    session.add(conversation)
    await session.flush()
    return conversation


async def find(session: AsyncSession, user_id: str, kind: Kind, conversation_id: UUID) -> Conversation | None:
    """The conversation, when it exists, is of that kind and belongs to `user_id`."""
    query = _owned(user_id, kind).where(Conversation.id == conversation_id)
    return await session.scalar(query)


async def page(
    session: AsyncSession, user_id: str, kind: Kind, *, limit: int, order: Order, after: UUID | None = None
) -> Page[Conversation] | None:
    """At most `limit` conversations of `user_id` by age, behind the one called `after`.

    None when `after` is no conversation of that user.
    """
    ascending = order == "asc"
    query = _owned(user_id, kind)
    if after is not None:
        cursor = await find(session, user_id, kind, after)
        if cursor is None:
            return None
        query = query.where(_behind(cursor, ascending))
    created, key = Conversation.created_at, Conversation.id
    query = query.order_by(*(created, key) if ascending else (created.desc(), key.desc()))
    rows = list((await session.scalars(query.limit(limit + 1))).all())
    return Page(rows[:limit], has_more=len(rows) > limit)


async def rename(
    session: AsyncSession, user_id: str, kind: Kind, conversation_id: UUID, title: str
) -> Conversation | None:
    """Give a conversation a title; None when `user_id` has no such conversation."""
    query = _owned(user_id, kind).where(Conversation.id == conversation_id).with_for_update()
    conversation = await session.scalar(query)
    if conversation is not None:
        conversation.title = title[:TITLE_LENGTH]
    return conversation


async def remove(session: AsyncSession, user_id: str, kind: Kind, conversation_id: UUID) -> bool:
    """Delete a conversation with all it holds; False when `user_id` has no such conversation."""
    if await find(session, user_id, kind, conversation_id) is None:
        return False
    await session.execute(delete(Conversation).where(Conversation.id == conversation_id))
    return True


def _owned(user_id: str, kind: Kind) -> Select[Conversation]:
    return select(Conversation).where(Conversation.user_id == user_id, Conversation.kind == kind)


def _behind(cursor: Conversation, ascending: bool) -> ColumnElement[bool]:
    created, key = Conversation.created_at, Conversation.id
    if ascending:
        return or_(created > cursor.created_at, and_(created == cursor.created_at, key > cursor.id))
    return or_(created < cursor.created_at, and_(created == cursor.created_at, key < cursor.id))
