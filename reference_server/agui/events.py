"""The events of the AG-UI protocol that this server sends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Event = dict[str, Any]
Patch = list[dict[str, Any]]


def run_started(thread_id: str, run_id: str) -> Event:
    """The first event of a run."""
    return {"type": "RUN_STARTED", "threadId": thread_id, "runId": run_id}


def run_finished(thread_id: str, run_id: str) -> Event:
    """The last event of a run that went well."""
    return {"type": "RUN_FINISHED", "threadId": thread_id, "runId": run_id}


def run_error(message: str, code: str) -> Event:
    """The last event of a run that failed."""
    return {"type": "RUN_ERROR", "message": message, "code": code}


def step(name: str, *, started: bool) -> Event:
    """A step begins or ends."""
    return {"type": "STEP_STARTED" if started else "STEP_FINISHED", "stepName": name}


def text_start(message_id: str) -> Event:
    """A message of the assistant begins."""
    return {"type": "TEXT_MESSAGE_START", "messageId": message_id, "role": "assistant"}


def text_content(message_id: str, delta: str) -> Event:
    """A piece of a message."""
    return {"type": "TEXT_MESSAGE_CONTENT", "messageId": message_id, "delta": delta}


def text_end(message_id: str) -> Event:
    """A message is complete."""
    return {"type": "TEXT_MESSAGE_END", "messageId": message_id}


def reasoning(message_id: str, pieces: Sequence[str]) -> list[Event]:
    """A whole span of reasoning, with one message in it."""
    named = {"messageId": message_id}
    return [
        {"type": "REASONING_START", **named},
        {"type": "REASONING_MESSAGE_START", **named, "role": "reasoning"},
        *({"type": "REASONING_MESSAGE_CONTENT", **named, "delta": piece} for piece in pieces),
        {"type": "REASONING_MESSAGE_END", **named},
        {"type": "REASONING_END", **named},
    ]


def tool_call(call_id: str, name: str, pieces: Sequence[str], parent_id: str) -> list[Event]:
    """A whole tool call; `pieces` are its arguments as JSON text."""
    named = {"toolCallId": call_id}
    return [
        {"type": "TOOL_CALL_START", **named, "toolCallName": name, "parentMessageId": parent_id},
        *({"type": "TOOL_CALL_ARGS", **named, "delta": piece} for piece in pieces),
        {"type": "TOOL_CALL_END", **named},
    ]


def tool_result(message_id: str, call_id: str, content: str) -> Event:
    """What a tool answered."""
    return {
        "type": "TOOL_CALL_RESULT",
        "messageId": message_id,
        "toolCallId": call_id,
        "content": content,
        "role": "tool",
    }


def state_snapshot(snapshot: Any) -> Event:
    """The whole state."""
    return {"type": "STATE_SNAPSHOT", "snapshot": snapshot}


def state_delta(patch: Patch) -> Event:
    """A change of the state (RFC 6902)."""
    return {"type": "STATE_DELTA", "delta": patch}


def messages_snapshot(messages: Sequence[dict[str, Any]]) -> Event:
    """All messages of the conversation."""
    return {"type": "MESSAGES_SNAPSHOT", "messages": list(messages)}


def activity_snapshot(message_id: str, kind: str, content: dict[str, Any]) -> Event:
    """Something that goes on beside the messages."""
    return {"type": "ACTIVITY_SNAPSHOT", "messageId": message_id, "activityType": kind, "content": content}


def activity_delta(message_id: str, kind: str, patch: Patch) -> Event:
    """A change of what goes on (RFC 6902)."""
    return {"type": "ACTIVITY_DELTA", "messageId": message_id, "activityType": kind, "patch": patch}
