"""Which protocol an answer speaks, whatever its path."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pulsegate.harness.probing.asking import Look
from pulsegate.harness.probing.findings import Sureness

#: Names that a plain chat endpoint may give its request's and its answer's text, likelier ones first.
REQUEST_MEMBERS = ("message", "prompt", "query", "question", "input", "text", "content")
ANSWER_MEMBERS = ("response", "answer", "reply", "message", "text", "content", "output", "result")

_AGUI = {"RUN_STARTED", "RUN_ERROR"}
_KIT_PREFIX = "thread."
_AGUI_FIELDS = ({"threadid", "runid"}, {"thread_id", "run_id"})
_CONVERSATION_MEMBERS = ("conversation_id", "metadata")
_WORD = re.compile(r"[A-Za-z_]+")
_DEEPEST = 20

Kind = tuple[str, Sureness]


def kind_of_stream(look: Look) -> Kind | None:
    """The surface that a GET stream is: told by its first event."""
    if not look.streams:
        return None
    if look.first is None:
        return "sse", Sureness.LIKELY
    if look.first.type != "message":
        return "rt", Sureness.CERTAIN if look.first.type == "connection_established" else Sureness.LIKELY
    if look.members.get("type") == "connection":
        return "sse", Sureness.CERTAIN
    return "sse", Sureness.LIKELY


def kind_of_socket(look: Look) -> Kind | None:
    """A WebSocket, and whether it speaks the documented envelope."""
    if look.status != 101:
        return None
    documented = look.members.get("type") == "connection_established"
    return "ws", Sureness.CERTAIN if documented else Sureness.LIKELY


def is_health(look: Look) -> bool:
    """Whether GET answered as a health check does: 200 and a JSON object with a status."""
    return look.status == 200 and isinstance(look.members.get("status"), str)


def is_thread_page(look: Look) -> bool:
    """Whether the ChatKit request ``threads.list`` was answered with a page of threads."""
    return look.status == 200 and isinstance(look.members.get("data"), list) and "has_more" in look.members


def is_chatkit_health(look: Look) -> bool:
    """Whether a ChatKit server says that it is up."""
    return look.status == 200 and look.members.get("service") == "chatkit"


def kind_of_answer(look: Look) -> str | None:
    """The surface whose protocol the answer to a POST speaks; None where it does not show."""
    members = look.members
    if look.page:
        return None
    if look.streams:
        return _kind_of_answered_stream(look)
    if look.status == 200:
        return _kind_of_object(members)
    named = mentioned(look)
    if any(fields <= named for fields in _AGUI_FIELDS):
        return "agui"
    if look.path.partition("?")[0].endswith("/completions") and (_is_api_error(members) or "messages" in named):
        return "cmp"
    return None


def _kind_of_answered_stream(look: Look) -> str | None:
    kind = str(look.members.get("type") or "")
    if kind in _AGUI:
        return "agui"
    if kind.startswith(_KIT_PREFIX) or "allow_retry" in look.members:
        return "kit"
    return "cmp" if look.members.get("object") == "chat.completion.chunk" else None


def _kind_of_object(members: dict[str, Any]) -> str | None:
    if members.get("object") == "chat.completion":
        return "cmp"
    if (members.get("status") == "ready" and "authenticated" in members) or isinstance(members.get("messages"), list):
        return "run"
    if any(name in members for name in _CONVERSATION_MEMBERS) and answer_member(members):
        return "chat"
    return None


def answer_member(members: dict[str, Any]) -> str | None:
    """The member that holds a plain endpoint's text."""
    return next((name for name in ANSWER_MEMBERS if isinstance(members.get(name), str) and members[name]), None)


def request_member(look: Look) -> str | None:
    """The member for the text that a refusal names as missing."""
    named = mentioned(look)
    return next((name for name in REQUEST_MEMBERS if name in named), None)


def mentioned(look: Look) -> set[str]:
    """The words, in lower case, of all texts in a JSON answer; the names of its members do not count."""
    return {word.lower() for text in _texts(look.value, 0) for word in _WORD.findall(text)}


def _texts(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif depth < _DEEPEST and isinstance(value, dict):
        for name, part in value.items():
            if name != "input":  # some frameworks repeat what was sent
                yield from _texts(part, depth + 1)
    elif depth < _DEEPEST and isinstance(value, list):
        for part in value:
            yield from _texts(part, depth + 1)


def _is_api_error(members: dict[str, Any]) -> bool:
    """The error object of the OpenAI API: ``{"error": {"message": ...}}``."""
    error = members.get("error")
    return isinstance(error, dict) and isinstance(error.get("message"), str)
