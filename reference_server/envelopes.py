"""The WebSocket envelope: what a client may send, and what is wrong with what it did send."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from pulsegate.reference_server.heartbeats import rfc3339_now
from pulsegate.reference_server.json_text import MalformedJson, parse_json

CLIENT_TYPES = ("state_update", "agent_message", "agent_status", "heartbeat")
STATUSES = ("idle", "running", "completed", "failed", "paused")
SERVER = "server"


class EnvelopeError(Exception):
    """A message that is not passed on; `code` and `field` say why."""

    def __init__(self, code: str, message: str, field: str | None = None, reply_to: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.field = field
        self.reply_to = reply_to


@dataclass(frozen=True)
class Envelope:
    """One valid message of a client."""

    type: str
    id: str
    payload: Any
    timestamp: str | float
    target: str | None = None

    def outgoing(self, source: str) -> dict[str, Any]:
        """The message as it is passed on, with its sender's name."""
        target = {} if self.target is None else {"target": self.target}
        return envelope(self.type, self.payload, id_=self.id, source=source, timestamp=self.timestamp, **target)


def envelope(
    type_: str, payload: Any, *, id_: str | None = None, timestamp: str | float | None = None, **members: str
) -> dict[str, Any]:
    """A message as a JSON object; id, source and timestamp are the server's own unless given."""
    return {
        "type": type_,
        "id": str(uuid4()) if id_ is None else id_,
        "source": SERVER,
        **members,
        "payload": payload,
        "timestamp": rfc3339_now() if timestamp is None else timestamp,
    }


def error_envelope(problem: EnvelopeError) -> dict[str, Any]:
    """The ``error`` message that answers a message which was not passed on."""
    payload = {"code": problem.code, "field": problem.field, "message": str(problem), "replyTo": problem.reply_to}
    return envelope("error", {name: value for name, value in payload.items() if value is not None})


def parse_envelope(text: str | None) -> Envelope:
    """The message in a text frame (None: the frame was binary); EnvelopeError."""
    if text is None:
        raise EnvelopeError("unsupported", "Messages must be text, not binary.")
    try:
        message = parse_json(text)
    except MalformedJson as problem:
        raise EnvelopeError("malformed", str(problem)) from None
    if not isinstance(message, dict):
        raise EnvelopeError("malformed", "The message must be a JSON object.")
    reply_to = message["id"] if isinstance(message.get("id"), str) else None
    field = _wrong_field(message)
    if field is not None:
        raise EnvelopeError("invalid", f"The member {field!r} is missing or wrong.", field, reply_to)
    return Envelope(
        type=message["type"],
        id=message["id"],
        payload=message["payload"],
        timestamp=message.get("timestamp", rfc3339_now()),
        target=message.get("target"),
    )


def _wrong_field(message: dict[str, Any]) -> str | None:
    type_ = message.get("type")
    if type_ not in CLIENT_TYPES:
        return "type"
    if not isinstance(message.get("id"), str) or not message["id"]:
        return "id"
    if "payload" not in message:
        return "payload"
    if not _is_number(message.get("timestamp", 0)) and not isinstance(message["timestamp"], str):
        return "timestamp"
    if not isinstance(message.get("target", ""), str) or (type_ == "agent_message" and not message.get("target")):
        return "target"
    return _wrong_status(message["payload"]) if type_ == "agent_status" else None


def _wrong_status(payload: Any) -> str | None:
    if not isinstance(payload, dict):
        return "payload"
    if payload.get("status") not in STATUSES:
        return "status"
    progress = payload.get("progress", 0)
    return None if _is_number(progress) and 0 <= progress <= 100 else "progress"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
