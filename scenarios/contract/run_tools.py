"""Judging what ``POST /api/copilotkit`` answers: pure functions over JSON values and texts."""

from __future__ import annotations

import re
import uuid
from typing import Any

from pulsegate.harness.clients.json_text import load_json
from pulsegate.scenarios.contract.json_values import difference, is_id, is_text, missing_part, shown, strings_in
from pulsegate.scenarios.contract.leaks import internal_details

Json = dict[str, Any]

#: What only a fault says, wherever it stands.
_FAULT_ANYWHERE = re.compile(
    r"internal server error|traceback \(most recent call last\)|\b(?:bad gateway|gateway time-?out)\b"
    r"|\b(?:an?|unexpected|internal|unknown) (?:\w+ )?(?:error|exception) (?:has )?occurr?ed"
    r"|\bencountered an? (?:\w+ )?(?:error|exception|problem)\b"
    r"|\berror (?:while |when )?(?:processing|generating|calling)\b"
    r"|\b(?:could not|couldn't|unable to|failed to) (?:process|handle|complete|generate|answer) (?:your|the|this|a) "
    r"(?:request|message|question|response|reply|answer)\b"
    r"|\b(?:invalid|incorrect|missing) api[ _-]?key\b|\bexceeded your (?:current )?quota\b"
    r"|\brate limit (?:exceeded|reached)\b"
    r"|\b(?:service|model|assistant|agent|backend) (?:is )?(?:currently |temporarily )?(?:unavailable|not available)\b"
    r"|\bstatus code:? [45]\d\d\b",
    re.IGNORECASE,
)

#: What a fault begins with.
_FAULT_AT_START = re.compile(
    r"\W*(?:fatal |internal |server |unexpected )?(?:error|exception|failure)\b\W*"
    r"(?::|-|\d|$|code|in\b|at\b|during\b|while\b)"
    r"|\W*(?:oops|sorry|whoops)?\W*something went wrong|\W*(?:undefined|null|none|nan|\[object object\])\W*$"
    r"|\W*(?:http(?:/\d(?:\.\d)?)? )?[45]\d\d (?:[A-Z]\w+ ?){1,3}$",
    re.IGNORECASE,
)

#: An exception as Python, Java or JavaScript prints it.
_EXCEPTION = re.compile(r"(?:^|[\s(<'\"])(?:[a-z_]\w*\.)*[A-Z]\w*(?:Error|Exception)(?::\s|\(|$)")

_AUTHENTICATION = re.compile(
    r"auth|log(?:ged)?[ -]?in|sign(?:ed)?[ -]?in|token|credential|identit|\b401\b|anonymous|permission", re.IGNORECASE
)

_NO_PAGE = re.compile(r"<!doctype|<html|<body|<head|<pre>", re.IGNORECASE)


def error_text_fault(text: str) -> str | None:
    """What makes `text` the text of an error instead of an answer; None when it reads like an answer."""
    for pattern in (_FAULT_ANYWHERE, _EXCEPTION):
        if found := pattern.search(text):
            return f"it says {found[0].strip()!r}"
    if found := _FAULT_AT_START.match(text):
        return f"it begins with {found[0].strip()!r}"
    if details := internal_details(text):
        return f"it shows {details[0]}"
    return _error_object_fault(text)


def _error_object_fault(text: str) -> str | None:
    try:
        value = load_json(text)
    except ValueError:
        return None
    if isinstance(value, dict) and (value.get("success") is False or value.get("error") or value.get("detail")):
        return f"it is an error as JSON: {shown(value)}"
    return None


def conversation_fault(sent: list[Json], answer: object) -> str | None:
    """How `answer` is not the messages `sent`, whole and in order, with one assistant message appended."""
    if not isinstance(answer, dict) or answer.get("success") is False or answer.get("error"):
        return f"the answer is {shown(answer)}"
    messages = answer.get("messages")
    if not isinstance(messages, list):
        return f"messages is {shown(messages)}"
    for number, (before, after) in enumerate(zip(sent, messages, strict=False)):
        if found := missing_part(before, after, f"messages[{number}]"):
            return found
    if len(messages) != len(sent) + 1:
        return f"{len(sent)} messages were sent, and {len(messages)} came back instead of {len(sent) + 1}"
    return _reply_fault(messages[-1])


def _reply_fault(reply: object) -> str | None:
    if not isinstance(reply, dict):
        return f"the appended message is {shown(reply)}"
    if reply.get("role") != "assistant":
        return f"the appended message has the role {shown(reply.get('role'))}"
    if not is_text(reply.get("content")):
        return f"the appended message has the content {shown(reply.get('content'))}"
    found = error_text_fault(reply["content"])
    return f"the appended message is no answer: {found}" if found else None


def refusal_fault(answer: object) -> str | None:
    """Why `answer` is no ``{"success": false}``."""
    if not isinstance(answer, dict):
        return f"the answer is {shown(answer)}"
    return None if answer.get("success") is False else f"success is {shown(answer.get('success'))} in {shown(answer)}"


def names_authentication(answer: Json) -> bool:
    """Whether any text of `answer` speaks of authentication."""
    return any(_AUTHENTICATION.search(text) for text in strings_in(answer))


def data_of(answer: object) -> Json:
    """The ``data`` of a successful action; empty when there is none."""
    data = answer.get("data") if isinstance(answer, dict) and answer.get("success") is True else None
    return data if isinstance(data, dict) else {}


def created_fault(answer: object, title: str) -> str | None:
    """Why `answer` is not the success of createEvent with `title`."""
    data = data_of(answer)
    if not data:
        return f"the answer is {shown(answer)}"
    if not is_id(data.get("id")):
        return f"data.id is {shown(data.get('id'))}"
    if found := difference(title, data.get("title"), "data.title"):
        return found
    return None if is_text(data.get("message")) else f"data.message is {shown(data.get('message'))}"


def found_fault(answer: object) -> str | None:
    """Why `answer` is not the success of searchEvents: a list of events and its length."""
    data = data_of(answer)
    events, count = data.get("events"), data.get("count")
    if not isinstance(events, list) or not all(isinstance(event, dict) for event in events):
        return f"data.events is {shown(events)} in {shown(answer)}"
    if isinstance(count, bool) or not isinstance(count, int) or count != len(events):
        return f"data.count is {shown(count)} for {len(events)} events"
    return None


def titles_of(answer: object) -> list[Any]:
    """The titles of the events found, in order."""
    return [event.get("title") for event in data_of(answer).get("events", [])]


def unknown_id_like(known: object) -> str | int:
    """An id of the same kind as `known` that nothing has."""
    if isinstance(known, int):
        return 2_000_000_000
    text = str(known)
    if text.isdigit():
        return "2000000000"
    try:
        uuid.UUID(text)
    except ValueError:
        return f"{text.rstrip('0123456789')}2000000000"
    return str(uuid.uuid4())


def json_error_fault(status: int, media_type: str, text: str, *, lenient: bool = False) -> str | None:
    """Why an answer is not a JSON error (`lenient`: any JSON below 500): a page, a traceback, a wrong status."""
    if not (200 if lenient else 400) <= status < 500:
        return f"status {status}: {text[:120]}"
    if details := internal_details(text):
        return f"it shows {details[0]}"
    try:
        value = load_json(text)
    except ValueError:
        return f"no JSON but {'a page' if _NO_PAGE.search(text) else 'text'}: {text[:120]}"
    if not media_type.endswith("json"):
        return f"JSON sent as {media_type or 'no Content-Type'}"
    if lenient or (isinstance(value, dict) and any(text.strip() for text in strings_in(value))):
        return None
    return f"no error object with a text: {shown(value)}"
