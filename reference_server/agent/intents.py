"""What a user's words ask for: a small grammar for tasks, and plain talk for all the rest."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

IntentName = Literal["CREATE", "READ", "UPDATE", "COMPLETE", "DELETE", "HELP", "CHAT"]
ToolName = Literal["add_task", "list_tasks", "update_task", "complete_task", "delete_task"]

# Numbers of more than nine digits are nobody's tasks, and databases refuse the largest of them.
_NUMBER = r"#?(?P<number>[0-9]{1,9})\b"
_END = r"\s*[.!?]*$"
_POLITE = r"(?:please\s+)?"


@dataclass(frozen=True)
class Intent:
    """What was asked: `tool` is None when nothing is to be done; `number` and `title` as the tool needs them."""

    name: IntentName
    tool: ToolName | None = None
    number: int | None = None
    title: str | None = None


def parse_intent(text: str) -> Intent:
    """Read one message of a user. Every text has an intent: what is no request about tasks is ``CHAT`` or ``HELP``."""
    words = text.strip()
    for pattern, name, tool in _GRAMMAR:
        if found := pattern.match(words):
            return _intent(name, tool, found)
    return Intent("HELP") if _HELP.match(words) else Intent("CHAT")


def asks_for_first_message(text: str) -> bool:
    """Whether the user wants to hear the first message of the conversation again."""
    return _FIRST_MESSAGE.match(text.strip()) is not None


def _intent(name: IntentName, tool: ToolName, found: re.Match[str]) -> Intent:
    parts = found.groupdict()
    number = int(parts["number"]) if parts.get("number") else None
    if "title" not in parts:
        return Intent(name, tool, number)
    title = _one_line(parts["title"])
    if name == "UPDATE" or parts.get("named"):
        title = _unquoted(title)
    return Intent(name, tool, number, title) if title else Intent("HELP")


def _one_line(title: str) -> str:
    # A title is one row of the list that "show" prints.
    return " ".join(title.splitlines()).strip()


def _unquoted(title: str) -> str:
    for opening, closing in ("''", '""', "“”", "«»"):
        if len(title) > 1 and title[0] == opening and title[-1] == closing:
            return title[1:-1].strip()
    return title


def _grammar_of(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)


_GRAMMAR: tuple[tuple[re.Pattern[str], IntentName, ToolName], ...] = (
    (
        _grammar_of(
            rf"{_POLITE}(?:add|create|make)\s+(?:an?\s+|the\s+)?(?:new\s+)?task\b"
            r"(?:\s*:|\s+to\b|\s+(?P<named>called|named|titled)\b)?(?P<title>.*)$"
        ),
        "CREATE",
        "add_task",
    ),
    (
        _grammar_of(
            rf"{_POLITE}(?:update|change|rename|edit)\s+(?:the\s+title\s+of\s+)?task\s+{_NUMBER}"
            r"(?:'s)?(?:\s+title)?\s+to\b(?P<title>.*)$"
        ),
        "UPDATE",
        "update_task",
    ),
    (
        _grammar_of(rf"{_POLITE}(?:mark|set)\s+task\s+{_NUMBER}\s+(?:as\s+|to\s+)?(?:completed?|done|finished){_END}"),
        "COMPLETE",
        "complete_task",
    ),
    (_grammar_of(rf"{_POLITE}(?:complete|finish)\s+task\s+{_NUMBER}{_END}"), "COMPLETE", "complete_task"),
    (_grammar_of(rf"{_POLITE}(?:delete|remove)\s+task\s+{_NUMBER}{_END}"), "DELETE", "delete_task"),
    (
        _grammar_of(rf"{_POLITE}(?:show|list|display)\s+(?:me\s+)?(?:all\s+)?(?:of\s+)?(?:my\s+|the\s+)?tasks{_END}"),
        "READ",
        "list_tasks",
    ),
    (_grammar_of(rf"(?:what\s+are\s+my\s+tasks|what\s+tasks\s+do\s+i\s+have){_END}"), "READ", "list_tasks"),
)
_HELP = _grammar_of(rf"(?:help|what\s+can\s+you\s+(?:help\s+me\s+with|do)){_END}")
_FIRST_MESSAGE = _grammar_of(rf"what\s+(?:was|is)\s+my\s+(?:very\s+)?first\s+message{_END}")
