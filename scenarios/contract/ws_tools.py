"""The WebSocket envelope: building it, reading it, and taking account of what was sent and received."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pulsegate.harness.profile import WsMembers
from pulsegate.scenarios.contract.json_values import difference, is_id, is_text, kind, missing_part, shown

Message = dict[str, Any]

STATUSES = ("idle", "running", "completed", "failed", "paused")

_MARK = re.compile(r"pulsegate:([0-9a-f]+):(\w+):(\d+)")


@dataclass(frozen=True, slots=True)
class Mark:
    """Who sent a payload, and as which of its messages; written into the payload as text."""

    room: str
    sender: str
    number: int

    def __str__(self) -> str:
        return f"pulsegate:{self.room}:{self.sender}:{self.number}"


def mark_in(value: object) -> Mark | None:
    """The first mark anywhere in `value`, also in a mangled one."""
    found = _MARK.search(json.dumps(value))
    return Mark(found[1], found[2], int(found[3])) if found else None


def envelope(names: WsMembers, message_type: str, message_id: str, payload: object, **members: object) -> Message:
    """A client's message. `members` are ``source``, ``target`` and ``timestamp``, by their usual names."""
    renamed = {getattr(names, name, name): value for name, value in members.items()}
    return {"type": message_type, names.id: message_id, "payload": payload, **renamed}


def envelope_fault(names: WsMembers, message: object) -> str | None:
    """What `message` lacks to be the envelope that every client relies on; None when it is one."""
    if not isinstance(message, dict):
        return f"a JSON {kind(message)} instead of an object"
    faults = (
        ("type", is_text(message.get("type"))),
        (names.id, is_id(message.get(names.id))),
        (names.source, is_id(message.get(names.source))),
        ("payload", isinstance(message.get("payload"), dict)),
        ("timestamp", is_id(message.get("timestamp")) or kind(message.get("timestamp")) == "number"),
    )
    for name, right in faults:
        if not right:
            return f"{name} is {shown(message[name])}" if name in message else f"{name} is missing"
    return None


def error_fault(names: WsMembers, error: Message, *, field: str = "", code: str = "") -> str | None:
    """What an ``error`` message lacks; `field` and `code` are what it must name, where the clause names any."""
    payload = error.get("payload")
    if not isinstance(payload, dict):
        return f"its payload is {shown(payload)}"
    if not is_id(payload.get("code")):
        return f"payload.code is {shown(payload.get('code'))}"
    if not is_text(payload.get("message")):
        return f"payload.message is {shown(payload.get('message'))}"
    if code and payload["code"] != code:
        return f"payload.code is {shown(payload['code'])}"
    if field and not _names_field(payload.get("field"), {field, getattr(names, field, field)}):
        return f"payload.field is {shown(payload.get('field'))}"
    return None


def _names_field(named: object, accepted: set[str]) -> bool:
    """A path such as ``$.target`` or ``/target`` names the field as well."""
    return isinstance(named, str) and re.split(r"[./]", named)[-1] in accepted


def account(sent: Sequence[Message], received: Sequence[Any], *, additions: bool = False) -> str | None:
    """How `received` differs from `sent`, payload by payload and in order; None when it does not.

    With `additions`, a received payload may hold further members.
    """
    compare = missing_part if additions else difference
    for index, (want, got) in enumerate(zip(sent, received, strict=False)):
        if found := compare(want, got, "payload"):
            later = bool(mark_in(want)) and any(compare(want, one) is None for one in received[index + 1 :])
            return _misfit(index, len(sent), _number(got, sent[:index]), found, later)
    if len(received) > len(sent):
        extra = received[len(sent)]
        again = _number(extra, sent)
        return f"unasked: {shown(extra)}" if again is None else f"message {again} of {len(sent)} arrived again"
    if len(received) < len(sent):
        return f"message {len(received)} of {len(sent)}, and what followed, did not arrive"
    return None


def _number(payload: Any, before: Sequence[Message]) -> int | None:
    """Which message `payload` is: by its mark, else as the latest of `before` that is the same."""
    mark = mark_in(payload)
    if mark:
        return mark.number
    return next((number for number in reversed(range(len(before))) if before[number] == payload), None)


def _misfit(index: int, count: int, number: int | None, found: str, arrives_later: bool) -> str:
    if number is not None and number < index:
        return f"message {number} of {count} arrived again, or late, where {index} was due"
    if arrives_later:
        return f"message {index} of {count} arrived out of order" + (
            "" if number is None else f", after message {number}"
        )
    if number is not None and number > index:
        return f"message {index} of {count} did not arrive"
    return f"message {index} of {count} arrived altered: {found}"
