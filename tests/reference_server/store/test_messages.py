"""Messages: numbered once each, read by their owner only."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from pulsegate.reference_server.store import conversations, messages
from pulsegate.reference_server.store.messages import NewMessage, ToolRun


@pytest.fixture
async def conversation_id(store):
    """A conversation of alice."""
    return (await store.write(conversations.create, "alice", "chat")).id


def turn(text):
    """A question and its answer."""
    return [NewMessage("user", text), NewMessage("assistant", f"re: {text}", model="m", tokens_used=2)]


async def test_concurrent_turns_share_no_sequence_number(store, conversation_id):
    """Twenty turns at once take forty numbers, and each answer follows its question."""
    appended = await asyncio.gather(
        *(store.write(messages.append, "alice", conversation_id, turn(str(n))) for n in range(20))
    )

    numbers = sorted(row.sequence_number for rows in appended for row in rows)
    assert list(range(1, 41)) == numbers
    assert all(answer.sequence_number == question.sequence_number + 1 for question, answer in appended)


async def test_history_is_in_order_and_ones_own(store, conversation_id):
    """Role and content come back in order for the owner, and nothing for anybody else."""
    await store.write(messages.append, "alice", conversation_id, turn("one"))
    await store.write(messages.append, "alice", conversation_id, turn("two"))

    expected = [("user", "one"), ("assistant", "re: one"), ("user", "two"), ("assistant", "re: two")]
    assert expected == await store.read(messages.history, "alice", conversation_id)
    assert await store.read(messages.history, "bob", conversation_id) == []


async def test_nobody_appends_to_what_is_not_theirs(store, conversation_id):
    """Appending as another user, or to nothing, gives None and writes nothing."""
    assert await store.write(messages.append, "bob", conversation_id, turn("x")) is None
    assert await store.write(messages.append, "alice", uuid4(), turn("x")) is None
    assert await store.read(messages.history, "alice", conversation_id) == []


async def test_tool_calls_are_kept_with_their_message(store, conversation_id):
    """A tool run is a row with its input, output and status; the failed one names its error."""
    good = ToolRun("add_task", {"title": "x"}, {"number": 1}, 3)
    bad = ToolRun("delete_task", {"number": 9}, {}, 1, error="no task 9")
    new = [NewMessage("assistant", "a", tool=good), NewMessage("assistant", "b", tool=bad)]
    await store.write(messages.append, "alice", conversation_id, new)

    calls = await store.read(messages.tool_calls, "alice", conversation_id)
    facts = [(call.tool_name, call.tool_input, call.status, call.error_message) for call in calls]
    assert facts == [
        ("add_task", {"title": "x"}, "completed", None),
        ("delete_task", {"number": 9}, "failed", "no task 9"),
    ]
    assert list(await store.read(messages.tool_calls, "bob", conversation_id)) == []


async def test_cutting_leaves_the_message_and_what_came_before(store, conversation_id):
    """What follows the message is deleted; another user cuts nothing."""
    rows = await store.write(messages.append, "alice", conversation_id, [*turn("one"), *turn("two")])

    assert await store.write(messages.cut_after, "bob", conversation_id, rows[0].public_id) is None
    await store.write(messages.cut_after, "alice", conversation_id, rows[2].public_id)
    assert [content for _, content in await store.read(messages.history, "alice", conversation_id)] == [
        "one",
        "re: one",
        "two",
    ]


async def test_feedback_is_kept_for_all_or_none(store, conversation_id):
    """Feedback that names one strange message is not kept at all."""
    (row, _) = await store.write(messages.append, "alice", conversation_id, turn("one"))

    assert await store.write(messages.rate, "alice", conversation_id, [row.public_id, uuid4()], "negative") is False
    assert await store.write(messages.rate, "bob", conversation_id, [row.public_id], "negative") is False
    assert await store.write(messages.rate, "alice", conversation_id, [row.public_id], "positive") is True
    found = await store.read(messages.find, "alice", conversation_id, row.public_id)
    assert found.feedback == "positive"


@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_pages_cover_the_messages_once(store, conversation_id, order):
    """Following the last id of every page visits each message once."""
    await store.write(messages.append, "alice", conversation_id, [NewMessage("user", str(n)) for n in range(5)])
    contents, after, more = [], None, True
    while more:
        page = await store.read(messages.page, "alice", conversation_id, limit=2, order=order, after=after)
        contents += [row.content for row in page.rows]
        after, more = page.rows[-1].public_id, page.has_more

    expected = ["0", "1", "2", "3", "4"]
    assert contents == (expected if order == "asc" else expected[::-1])
