"""Events: public, filtered by words and type, one place a user."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from pulsegate.reference_server.store import events

START = datetime(2026, 5, 1, 18, tzinfo=UTC)


async def create(store, title, event_type="meetup", description=""):
    """Publish an event as alice."""
    return await store.write(
        events.create,
        "alice",
        title=title,
        description=description,
        event_type=event_type,
        starts_at=START,
        ends_at=START + timedelta(hours=2),
    )


@pytest.mark.parametrize("query", ["Été", "ÉTÉ", "fête"])
async def test_search_ignores_case_beyond_ascii(store, query):
    """Title and description are searched without regard to case, in any script."""
    await create(store, "Été à la plage", description="La Fête")
    await create(store, "Winter")

    assert [event.title for event in await store.read(events.search, query, None)] == ["Été à la plage"]


async def test_both_filters_count(store):
    """An event must match the words and the type."""
    await create(store, "Python night", "meetup")
    await create(store, "Python day", "Übung")

    found = await store.read(events.search, "python", "ÜBUNG")
    assert [event.title for event in found] == ["Python day"]


async def test_wildcards_are_ordinary_signs(store):
    """A percent sign or an underscore matches itself only."""
    await create(store, "100% fun")
    await create(store, "100 fun")

    assert [event.title for event in await store.read(events.search, "0%", None)] == ["100% fun"]
    assert list(await store.read(events.search, "_", None)) == []


async def test_moments_come_back_with_their_zone(store):
    """A stored moment equals the one given, in UTC."""
    event = await create(store, "Now")

    found = await store.read(events.find, event.id)
    assert found.starts_at == START


async def test_a_user_registers_once(store):
    """Of several registrations of one user at the same time exactly one succeeds."""
    event = await create(store, "Popular")
    results = await asyncio.gather(*(store.write(events.register, "bob", event.id) for _ in range(6)))
    other = await store.write(events.register, "carol", event.id)

    assert sum(result is not None for result in results) == 1
    assert other is not None


async def test_an_unknown_event_is_not_found(store):
    """An id that nobody gave out finds nothing."""
    assert await store.read(events.find, uuid4()) is None
