"""The grammar: what is a request about tasks, and what is not."""

from __future__ import annotations

import pytest

from pulsegate.reference_server.agent.intents import Intent, asks_for_first_message, parse_intent

LONG = "word " * 500 + "end"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Add a task to buy groceries", Intent("CREATE", "add_task", title="buy groceries")),
        ("Add a new task: Buy groceries", Intent("CREATE", "add_task", title="Buy groceries")),
        ("create task Call Zoë", Intent("CREATE", "add_task", title="Call Zoë")),
        ("please create a task called 'Tidy up'", Intent("CREATE", "add_task", title="Tidy up")),
        ("Add a task to 買い物 “now”", Intent("CREATE", "add_task", title="買い物 “now”")),
        ("Add a task to 'a' and 'b'", Intent("CREATE", "add_task", title="'a' and 'b'")),
        ("Add a task to one\ntwo", Intent("CREATE", "add_task", title="one two")),
        (f"Add a task to {LONG}", Intent("CREATE", "add_task", title=LONG)),
        ("Show me all my tasks", Intent("READ", "list_tasks")),
        ("Show me my tasks.", Intent("READ", "list_tasks")),
        ("list tasks", Intent("READ", "list_tasks")),
        ("What are my tasks?", Intent("READ", "list_tasks")),
        ("Mark task 1 as complete", Intent("COMPLETE", "complete_task", number=1)),
        ("mark task #12 as done!", Intent("COMPLETE", "complete_task", number=12)),
        ("complete task 3", Intent("COMPLETE", "complete_task", number=3)),
        (
            "Update task 2 title to 'Buy organic milk'",
            Intent("UPDATE", "update_task", number=2, title="Buy organic milk"),
        ),
        ("Update task 2 title to 'it's \"fine\"'", Intent("UPDATE", "update_task", number=2, title='it\'s "fine"')),
        ("rename task 2 to Tea", Intent("UPDATE", "update_task", number=2, title="Tea")),
        ("Delete task 3", Intent("DELETE", "delete_task", number=3)),
        ("What can you help me with?", Intent("HELP")),
        ("Add a task", Intent("HELP")),
        ("Hello there", Intent("CHAT")),
        ("I would add a task to it", Intent("CHAT")),
        ("Delete task 99999999999999999999", Intent("CHAT")),
        ("", Intent("CHAT")),
    ],
)
def test_a_text_means_one_thing(text, expected):
    """Each text has exactly one intent, with the number and the title as they were given."""
    assert expected == parse_intent(text)


@pytest.mark.parametrize("text", ["What was my first message?", "what is my very first message"])
def test_the_first_message_is_asked_for(text):
    """Asking for the first message is understood."""
    assert asks_for_first_message(text)


@pytest.mark.parametrize("prefix", ["add", "mark task", "update task 1 title", "show me", "what"])
def test_long_white_space_is_read_quickly(prefix):
    """A quarter of a megabyte of blanks is read in one pass, not in quadratic time."""
    assert parse_intent(prefix + " " * 250_000 + "x").name == "CHAT"
