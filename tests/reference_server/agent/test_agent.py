"""The agent: it acts on tasks, repeats what it is told, and is the same every time."""

from __future__ import annotations

import pytest

from pulsegate.reference_server.agent.agent import Agent


@pytest.fixture
def agent(store):
    """An agent on an empty store."""
    return Agent(store)


async def say(agent, *texts, user="alice"):
    """Say several things without a history and return the last reply."""
    for text in texts:
        reply = await agent.reply(user, [], text)
    return reply


async def test_the_documented_prompts_do_what_they_say(agent):
    """Add, complete and update are seen by a following show."""
    added = await say(agent, "Add a task to buy groceries")
    await say(agent, "Add a task to buy milk", "Mark task 1 as complete", "Update task 2 title to 'Buy organic milk'")
    shown = await say(agent, "Show me all my tasks")

    assert added.text == "Task created: buy groceries"
    assert shown.text.splitlines() == ["You have 2 tasks:", "1. [x] buy groceries", "2. [ ] Buy organic milk"]


async def test_tools_and_intents_are_named(agent):
    """Each kind of request names its intent and the tool that ran, with its input."""
    reply = await say(agent, "Add a task to x")
    assert (reply.intent, reply.tool_called, reply.tool_input) == ("CREATE", "add_task", {"title": "x"})
    assert reply.tool_output == {"task": {"number": 1, "title": "x", "completed": False}}
    reply = await say(agent, "Delete task 1")
    assert (reply.intent, reply.tool_called, reply.tool_input) == ("DELETE", "delete_task", {"number": 1})
    reply = await say(agent, "Show me all my tasks")
    assert (reply.intent, reply.tool_called, reply.text) == ("READ", "list_tasks", "You have no tasks.")


async def test_an_unknown_number_is_a_failed_tool(agent):
    """A number that the list does not show is said so, and the tool counts as failed."""
    reply = await say(agent, "Mark task 7 as complete")

    assert "You have no task 7." in reply.text
    assert (reply.tool_called, reply.tool_error) == ("complete_task", "no task 7")


async def test_somebody_unknown_has_no_tasks(agent):
    """Without a user no tool runs."""
    reply = await say(agent, "Add a task to x", user=None)

    assert reply.tool_called is None


async def test_the_first_message_is_repeated_from_the_history(agent):
    """The first message of the user comes back word for word, whatever else was said."""
    first = "Hello,  two  blanks\nand «ünïcode» ✓"
    history = [("assistant", "Welcome"), ("user", first), ("assistant", "Hi"), ("user", "more")]
    reply = await agent.reply("alice", history, "What was my first message?")

    assert first in reply.text
    assert reply.tool_called is None


async def test_without_a_history_the_question_is_the_first_message(agent):
    """Nothing is invented when there is nothing to remember."""
    assert (await say(agent, "What was my first message?")).text == "This is your first message."


async def test_help_is_long_and_not_only_ascii(agent):
    """The stateless answer has at least 30 words, some of them not ASCII, and is the same for everybody."""
    reply = await say(agent, "What can you help me with?")

    assert len(reply.text.split()) >= 30
    assert not reply.text.isascii()
    assert reply.text == (await say(agent, "Add a task to x", "What can you help me with?", user="bob")).text


async def test_plain_talk_is_quoted_word_for_word(agent):
    """Blanks, line ends and any script survive, and a long text gets a long answer."""
    text = "  Größe\n\n日本語   and\ttabs " + "word " * 300 + "end "

    assert text.strip() in (await say(agent, text)).text
