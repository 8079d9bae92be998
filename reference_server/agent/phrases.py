"""What the agent says. Nothing here depends on anything but its arguments."""

from __future__ import annotations

from collections.abc import Sequence

from pulsegate.reference_server.store.tables import Task

HELP = (
    "I keep your tasks. Ask me to add one, to show them all, or to complete, update or delete one by its number. "
    "Titles take any script and sign: naïve café, 日本語, ελληνικά ✓. "
    "I also remember your first message."
)
SIGN_IN = "Tasks belong to somebody: once you are signed in, I can keep yours."
FIRST_MESSAGE = "This is your first message."


def quoted(text: str) -> str:
    """The answer to plain talk: the user's own words, kept as they are, and a hint."""
    return f"You said: “{text.strip()}”. Ask me what I can help you with to see what I do."


def first_message(history: Sequence[tuple[str, str]]) -> str:
    """The user's first message of the conversation, word for word."""
    for role, content in history:
        if role == "user":
            return f"Your first message was: {content}"
    return FIRST_MESSAGE


def task_list(tasks: Sequence[Task]) -> str:
    """One row for each task; a completed one carries an x in its box."""
    if not tasks:
        return "You have no tasks."
    count = "1 task" if len(tasks) == 1 else f"{len(tasks)} tasks"
    rows = [f"{task.number}. [{'x' if task.completed_at else ' '}] {task.title}" for task in tasks]
    return "\n".join([f"You have {count}:", *rows])


def no_such_task(number: int) -> str:
    """The answer to a number that the list does not show."""
    return f"You have no task {number}. Say “Show me all my tasks” to see their numbers."
