"""The events of the AG-UI protocol, version 1.0: their members, and which of them begin, continue and end something.

Taken from the published schema (ag-ui-protocol, ``ag_ui.core.events``) and from the verifier of the official
client (@ag-ui/client, ``verify``). Members are in camelCase; further members, and types that are not listed
here, are passed over, as the client does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from pulsegate.scenarios.contract.json_values import kind, shown

#: What a problem is about. Each is judged by a clause of its own.
Area = Literal["frames", "start", "end", "text", "tools", "steps", "state", "messages", "thoughts"]
Role = Literal["begin", "piece", "end"]


@dataclass(frozen=True, slots=True)
class Family:
    """What is begun and ended: `name` for a reader, and the member that says which one."""

    name: str
    area: Area
    key: str


TEXT = Family("text message", "text", "messageId")
TOOL = Family("tool call", "tools", "toolCallId")
STEP = Family("step", "steps", "stepName")
THOUGHT = Family("reasoning message", "thoughts", "messageId")
SPAN = Family("span of reasoning", "thoughts", "messageId")
SUBAGENT = Family("subagent", "thoughts", "subagentRunId")

#: What each event of a family does.
ROLES: dict[str, tuple[Family, Role]] = {
    "TEXT_MESSAGE_START": (TEXT, "begin"),
    "TEXT_MESSAGE_CONTENT": (TEXT, "piece"),
    "TEXT_MESSAGE_END": (TEXT, "end"),
    "TOOL_CALL_START": (TOOL, "begin"),
    "TOOL_CALL_ARGS": (TOOL, "piece"),
    "TOOL_CALL_END": (TOOL, "end"),
    "STEP_STARTED": (STEP, "begin"),
    "STEP_FINISHED": (STEP, "end"),
    "REASONING_START": (SPAN, "begin"),
    "REASONING_END": (SPAN, "end"),
    "REASONING_MESSAGE_START": (THOUGHT, "begin"),
    "REASONING_MESSAGE_CONTENT": (THOUGHT, "piece"),
    "REASONING_MESSAGE_END": (THOUGHT, "end"),
    "SUBAGENT_STARTED": (SUBAGENT, "begin"),
    "SUBAGENT_FINISHED": (SUBAGENT, "end"),
    "SUBAGENT_ERROR": (SUBAGENT, "end"),
}

#: Shorthand: a chunk begins what it names, and the next other event of its author ends it.
CHUNKS: dict[str, Family] = {
    "TEXT_MESSAGE_CHUNK": TEXT,
    "TOOL_CALL_CHUNK": TOOL,
    "REASONING_MESSAGE_CHUNK": THOUGHT,
}

#: These end no chunks, and of these each ends those of all authors.
ASIDE = ("RAW", "ACTIVITY_SNAPSHOT", "ACTIVITY_DELTA", "REASONING_ENCRYPTED_VALUE", "SUBAGENT_STARTED")
FOR_ALL = ("RUN_STARTED", "RUN_FINISHED", "RUN_ERROR", "MESSAGES_SNAPSHOT")

_TEXT_ROLES = ("developer", "system", "assistant", "user")


def _is_any(_value: object) -> bool:
    return True


def _is_object(value: object) -> bool:
    return kind(value) == "object"


def _is_array(value: object) -> bool:
    return kind(value) == "array"


def _is_content(value: object) -> bool:
    return kind(value) in ("string", "array")


_TEXTS: dict[str, tuple[str, ...]] = {
    "RUN_STARTED": ("threadId", "runId"),
    "RUN_FINISHED": ("threadId", "runId"),
    "RUN_ERROR": ("message",),
    "STEP_STARTED": ("stepName",),
    "STEP_FINISHED": ("stepName",),
    "TEXT_MESSAGE_START": ("messageId",),
    "TEXT_MESSAGE_CONTENT": ("messageId", "delta"),
    "TEXT_MESSAGE_END": ("messageId",),
    "TOOL_CALL_START": ("toolCallId", "toolCallName"),
    "TOOL_CALL_ARGS": ("toolCallId", "delta"),
    "TOOL_CALL_END": ("toolCallId",),
    "TOOL_CALL_RESULT": ("messageId", "toolCallId"),
    "ACTIVITY_SNAPSHOT": ("messageId", "activityType"),
    "ACTIVITY_DELTA": ("messageId", "activityType"),
    "REASONING_START": ("messageId",),
    "REASONING_END": ("messageId",),
    "REASONING_MESSAGE_START": ("messageId",),
    "REASONING_MESSAGE_CONTENT": ("messageId", "delta"),
    "REASONING_MESSAGE_END": ("messageId",),
    "SUBAGENT_STARTED": ("subagentRunId", "name"),
    "SUBAGENT_FINISHED": ("subagentRunId",),
    "SUBAGENT_ERROR": ("subagentRunId", "message"),
}
_OTHERS: dict[str, tuple[str, Callable[[object], bool], str]] = {
    "TOOL_CALL_RESULT": ("content", _is_content, "a string or a list of parts"),
    "STATE_SNAPSHOT": ("snapshot", _is_any, "a value"),
    "STATE_DELTA": ("delta", _is_array, "a list of operations"),
    "MESSAGES_SNAPSHOT": ("messages", _is_array, "a list of messages"),
    "ACTIVITY_SNAPSHOT": ("content", _is_object, "an object"),
    "ACTIVITY_DELTA": ("patch", _is_array, "a list of operations"),
}
#: Chunks, and what is optional: of the right kind where it is there.
_OPTIONAL_TEXTS: dict[str, tuple[str, ...]] = {
    "TEXT_MESSAGE_CHUNK": ("messageId", "delta"),
    "TOOL_CALL_CHUNK": ("toolCallId", "toolCallName", "delta"),
    "REASONING_MESSAGE_CHUNK": ("messageId", "delta"),
    "RUN_ERROR": ("code",),
}


def area_of(event_type: str) -> Area | None:
    """What an event is about; None for those that nothing is asked of."""
    if event_type in ROLES:
        return ROLES[event_type][0].area
    if event_type in CHUNKS:
        return CHUNKS[event_type].area
    named: dict[str, Area] = {
        "RUN_STARTED": "start",
        "RUN_FINISHED": "end",
        "RUN_ERROR": "end",
        "TOOL_CALL_RESULT": "tools",
        "STATE_SNAPSHOT": "state",
        "STATE_DELTA": "state",
        "MESSAGES_SNAPSHOT": "messages",
        "ACTIVITY_SNAPSHOT": "thoughts",
        "ACTIVITY_DELTA": "thoughts",
    }
    return named.get(event_type)


def member_problem(event: dict[str, Any]) -> str:
    """What is missing or wrong among the members that the schema describes; empty for none."""
    name = event["type"]
    for member in _TEXTS.get(name, ()):
        if not isinstance(event.get(member), str):
            return f"{name}: {member} is {_found(event, member)}, not a string"
    if name in _OTHERS:
        member, fits, wanted = _OTHERS[name]
        if member not in event or not fits(event[member]):
            return f"{name}: {member} is {_found(event, member)}, not {wanted}"
    for member in _OPTIONAL_TEXTS.get(name, ()):
        if event.get(member) is not None and not isinstance(event[member], str):
            return f"{name}: {member} is {_found(event, member)}, not a string"
    role = event.get("role")
    if name in ("TEXT_MESSAGE_START", "TEXT_MESSAGE_CHUNK") and role is not None and role not in _TEXT_ROLES:
        return f"{name}: there is no role {shown(role)} for a text message"
    return ""


def _found(event: dict[str, Any], member: str) -> str:
    if member in event:
        return shown(event[member])
    snake = "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in member)
    return f"missing ({snake} is there)" if snake in event and snake != member else "missing"
