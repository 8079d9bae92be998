"""Events, which every user may find, and the registrations for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pulsegate.reference_server.store.tables import Event, Registration

SEARCH_LIMIT = 100


async def create(
    session: AsyncSession,
    user_id: str,
    *,
    title: str,
    description: str,
    event_type: str,
    starts_at: datetime,
    ends_at: datetime,
) -> Event:
    """Publish an event in the name of `user_id`."""
    event = Event(
        title=title,
        description=description,
        event_type=event_type,
        type_key=event_type.casefold(),
        search_text=f"{title}\n{description}".casefold(),
        starts_at=starts_at,
        ends_at=ends_at,
        created_by=user_id,
    )
    session.add(event)
    await session.flush()
    return event


async def search(session: AsyncSession, query: str | None, event_type: str | None) -> Sequence[Event]:
    """The newest events whose title or description holds `query` and whose type is `event_type`.

    Both filters are optional and case-insensitive; at most `SEARCH_LIMIT` events.
    """
    found = select(Event).order_by(Event.created_at.desc(), Event.id).limit(SEARCH_LIMIT)
    if query:
        found = found.where(Event.search_text.contains(query.casefold(), autoescape=True))
    if event_type:
        found = found.where(Event.type_key == event_type.casefold())
    return (await session.scalars(found)).all()


async def find(session: AsyncSession, event_id: UUID) -> Event | None:
    """The event with that id."""
    return await session.get(Event, event_id)


async def register(session: AsyncSession, user_id: str, event_id: UUID) -> Registration | None:
    """Register `user_id` for an event; None when that user already is."""
    taken = select(Registration.id).where(Registration.event_id == event_id, Registration.user_id == user_id)
    if await session.scalar(taken) is not None:
        return None
    registration = Registration(event_id=event_id, user_id=user_id)
    session.add(registration)
    await session.flush()
    return registration
