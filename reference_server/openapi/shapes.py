"""Schemas of what the server answers with, and of bodies that no one model describes."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from pulsegate.reference_server.actions import EventChoice, EventSearch, NewEvent
from pulsegate.reference_server.kit.dispatch import parameters_by_type
from pulsegate.reference_server.routers.run import RunMessage
from pulsegate.reference_server.turns import UUID_PATTERN

Schema = dict[str, Any]

REFERENCE = "#/components/schemas/{model}"
SAID: Schema = {"type": "string", "pattern": r"\S"}
TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer"}


def record(members: Schema, *optional: str) -> Schema:
    """An object with these members, all but the `optional` ones required; more are allowed."""
    required = [name for name in members if name not in optional]
    return {"type": "object", "properties": members, "required": required}


def list_of(items: Schema) -> Schema:
    """An array of `items`."""
    return {"type": "array", "items": items}


def nullable(schema: Schema) -> Schema:
    """`schema`, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def model(kind: type[BaseModel]) -> Schema:
    """The schema of a model, which stands among the components."""
    return {"$ref": REFERENCE.format(model=kind.__name__)}


DETAIL = record({"detail": TEXT})
FAILURE = record({"success": {"const": False}, "error": TEXT})
READY = record({"status": {"const": "ready"}, "authenticated": {"type": "boolean"}, "user": nullable(TEXT)})
SUGGESTIONS = record({"suggestions": list_of(record({"title": TEXT, "message": TEXT}))})
MESSAGES = record({"messages": list_of(record({"role": TEXT}))})
DONE = record({"success": {"const": True}, "data": {"type": "object"}})
SESSION = record({"client_secret": TEXT, "domain_key": TEXT, "expires_in": NUMBER, "user_id": TEXT})
CHATTED = record(
    {
        "response": TEXT,
        "conversation_id": {"type": "string", "pattern": UUID_PATTERN},
        "metadata": record({"intent": TEXT, "tool_called": nullable(TEXT), "execution_time_ms": {"type": "number"}}),
    }
)
COMPLETION = record(
    {
        "id": TEXT,
        "object": {"const": "chat.completion"},
        "created": NUMBER,
        "model": TEXT,
        "choices": list_of(
            record(
                {
                    "index": NUMBER,
                    "message": record({"role": {"const": "assistant"}, "content": TEXT}),
                    "finish_reason": TEXT,
                }
            )
        ),
        "usage": record({"prompt_tokens": NUMBER, "completion_tokens": NUMBER, "total_tokens": NUMBER}),
    }
)


def run_body() -> Schema:
    """What ``POST /api/copilotkit`` takes: an action, messages, a wish for suggestions, or nothing at all."""
    said = record({"role": {"const": "user"}, "content": SAID})
    messages = record({"messages": {**list_of(model(RunMessage)), "contains": said}})
    return {
        "anyOf": [
            _action("createEvent", NewEvent),
            _action("searchEvents", EventSearch, "parameters"),
            _action("registerForEvent", EventChoice),
            {**messages, "not": {"required": ["action"]}},
            record({"type": {"const": "suggestions"}}),
            {"type": "object", "maxProperties": 0},
        ]
    }


def _action(name: str, parameters: type[BaseModel], *optional: str) -> Schema:
    return record({"action": {"const": name}, "parameters": model(parameters)}, *optional)


def kit_body() -> Schema:
    """What ``POST /api/chatkit`` takes: one of the protocol's requests."""
    kinds = parameters_by_type()
    return {"anyOf": [record({"type": {"const": name}, "params": model(kind)}) for name, kind in kinds.items()]}
