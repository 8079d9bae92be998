"""What is sent to ``POST /api/copilotkit``: conversations, events and wrong bodies."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

Json = dict[str, Any]

STRANGE_TEXT = (
    "\u00dcber Stra\u00dfen in \u6771\u4eac \u2013 \u0645\u0631\u062d\u0628\u0627, e\u0301t\u00e9 "
    '\U0001f469\u200d\U0001f4bb \U0001f389 \u2028 \\ / \t\n "quoted" <b>&amp;</b> {x} %s'
)


def user(text: str, **members: object) -> Json:
    """A user message."""
    return {"role": "user", "content": text, **members}


def assistant(text: str, **members: object) -> Json:
    """An assistant message."""
    return {"role": "assistant", "content": text, **members}


_TOOLS: list[Json] = [
    {"role": "system", "content": "You help people to plan their day."},
    user("Hello, what can you do?"),
    assistant(
        "Let me look.",
        tool_calls=[{"id": "call_1", "type": "function", "function": {"name": "list_tasks", "arguments": "{}"}}],
    ),
    {"role": "tool", "tool_call_id": "call_1", "content": '{"tasks": [], "count": 0}'},
    assistant("Your list is empty."),
    {"role": "system", "content": "Be brief."},
    user("Thank you, and what else can you do?"),
]

_MEMBERS: list[Json] = [
    user("Hello there", id="message-1", name="Zo\u00eb", createdAt="2026-11-21T10:00:00.000Z"),
    assistant("Good morning!", id=2, status={"code": "Success"}, parentMessageId=None, tags=["a", 1, None, True]),
    user("How are you today?", id="message-3", metadata={"nested": {"null": None, "number": 0.1, "list": [[]]}}),
]


def conversations() -> dict[str, list[Json]]:
    """Label to messages; each list ends with a user's."""
    strange = [user(STRANGE_TEXT), assistant(STRANGE_TEXT[::-1]), user("Gr\u00fc\u00dfe aus \u6771\u4eac \U0001f389")]
    long_list = [user("Hello") if number % 2 == 0 else assistant(f"Answer {number}") for number in range(30)]
    longer_list = [user(f"Line {number}") if number % 3 else assistant(f"Reply {number}") for number in range(120)]
    return {
        "one message": [user("Hello")],
        "three messages": [user("Hello"), assistant("Hi, how can I help?"), user("What can you do?")],
        "the same message twice": [user("Hello"), user("Hello"), assistant("Hi!"), assistant("Hi!"), user("Hello")],
        "thirty messages": [*long_list, user("And what now?")],
        "120 messages": [*longer_list, user("And what now?")],
        "strange characters": strange,
        "system and tool messages": _TOOLS,
        "members of other kinds": _MEMBERS,
        "a long text": [user("All work and no play. " * 1000), assistant("I see. " * 1000), user("What can you do?")],
        "white space": [user("  Hello\n\n there \t "), assistant(""), user("What can you do? ")],
    }


#: Label to messages among which is none of a user.
WITHOUT_USER: dict[str, list[Json]] = {
    "no messages": [],
    "a system message": [{"role": "system", "content": "You help people to plan their day."}],
    "an assistant message": [assistant("Hello, how can I help?")],
    "system and assistant messages": [{"role": "system", "content": "Be brief."}, assistant("Hi"), assistant("Hello?")],
}


def new_title(word: str) -> str:
    """A title of one word that nothing else has."""
    return f"{word}{uuid.uuid4().hex[:12]}"


def event(title: str, event_type: str) -> Json:
    """The parameters of createEvent, a month from now."""
    start = (datetime.now(UTC) + timedelta(days=30)).replace(minute=0, second=0, microsecond=0)
    end = start + timedelta(hours=2)
    return {
        "title": title,
        "description": f"An event that a contract check made: {STRANGE_TEXT}",
        "eventType": event_type,
        "startDateTime": start.isoformat().replace("+00:00", "Z"),
        "endDateTime": end.isoformat().replace("+00:00", "Z"),
    }


def action(name: str, **parameters: object) -> Json:
    """The body of an action."""
    return {"action": name, "parameters": parameters}


#: Bodies that are not JSON.
MALFORMED: dict[str, bytes] = {
    "a body cut short": b'{"messages": [{"role": "user", "content": "Hello"}',
    "bare words": b"hello there",
    "a trailing comma": b'{"messages": [],}',
    "single quotes": b"{'messages': []}",
    "a form": b"messages=hello&action=createEvent",
    "invalid UTF-8": b'{"messages": [{"role": "user", "content": "\xff\xfe\x80"}]}',
    "a cut UTF-8 character": b'{"messages": [{"role": "user", "content": "\xe6\x9d"}]}',
    "zero bytes": b"\x00\x00\x00\x00",
    "twenty thousand open brackets": b"[" * 20_000,
    "a web page": b"<!doctype html><html><body>hello</body></html>",
}

#: JSON of a wrong type.
WRONG_TYPES: dict[str, object] = {
    "an array": [],
    "an array of messages": [user("Hello")],
    "a number": 42,
    "null": None,
    "a string": "Hello",
    "true": True,
    "messages as a string": {"messages": "Hello"},
    "messages as a number": {"messages": 7},
    "messages as an object": {"messages": user("Hello")},
    "messages of numbers": {"messages": [1, 2, 3]},
    "messages of strings": {"messages": ["Hello"]},
    "messages of nulls": {"messages": [None]},
    "messages of lists": {"messages": [[user("Hello")]]},
    "a message with a number as content": {"messages": [user("Hello") | {"content": 42}]},
    "action as a list": {"action": ["createEvent"], "parameters": {}},
    "action as a number": {"action": 7, "parameters": {}},
    "action as an object": {"action": {"name": "createEvent"}, "parameters": {}},
}

#: JSON of an action whose parameters have a wrong type; only who has a token gets as far as that.
WRONG_PARAMETERS: dict[str, object] = {
    f"{name} with parameters as {label}": {"action": name, "parameters": value}
    for name in ("createEvent", "searchEvents", "registerForEvent")
    for label, value in {"a string": "title", "a number": 7, "a list": ["title"], "true": True}.items()
}
