"""Conversations: owned, of one kind, listed page by page."""

from __future__ import annotations

from uuid import uuid4

import pytest

from pulsegate.reference_server.store import conversations, messages
from pulsegate.reference_server.store.messages import NewMessage


async def test_only_the_owner_reaches_a_conversation(store):
    """Bob can neither find, rename nor remove what is alice's, and neither can a wrong kind."""
    hers = await store.write(conversations.create, "alice", "chat", "Hers")

    assert await store.read(conversations.find, "bob", "chat", hers.id) is None
    assert await store.read(conversations.find, "alice", "thread", hers.id) is None
    assert await store.write(conversations.rename, "bob", "chat", hers.id, "His") is None
    assert await store.write(conversations.remove, "bob", "chat", hers.id) is False
    assert (await store.read(conversations.find, "alice", "chat", hers.id)).title == "Hers"


async def test_removing_takes_the_messages_along(store):
    """Messages of a removed conversation are gone."""
    thread = await store.write(conversations.create, "alice", "thread")
    await store.write(messages.append, "alice", thread.id, [NewMessage("user", "hello")])

    assert await store.write(conversations.remove, "alice", "thread", thread.id) is True
    assert await store.read(messages.history, "alice", thread.id) == []


@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_pages_cover_the_list_once(store, order):
    """Following the last id of every page visits each conversation once, in order of age."""
    made = [await store.write(conversations.create, "alice", "thread", str(n)) for n in range(5)]
    await store.write(conversations.create, "bob", "thread", "bob's")
    titles, after, more = [], None, True
    while more:
        page = await store.read(conversations.page, "alice", "thread", limit=2, order=order, after=after)
        titles += [row.title for row in page.rows]
        after, more = page.rows[-1].id, page.has_more

    expected = [row.title for row in made]
    assert titles == (expected if order == "asc" else expected[::-1])


async def test_a_strange_cursor_has_no_page(store):
    """A cursor that is no conversation of the user gives None."""
    hers = await store.write(conversations.create, "alice", "thread")

    assert await store.read(conversations.page, "bob", "thread", limit=2, order="asc", after=hers.id) is None
    assert await store.read(conversations.page, "alice", "thread", limit=2, order="asc", after=uuid4()) is None
