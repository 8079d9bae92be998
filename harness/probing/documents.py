"""What a target says of itself: its OpenAPI document, and the paths within its page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pulsegate.harness.probing.asking import Look

#: No more paths than this are taken from a page, and none more are said to be left out.
MOST_PATHS = 40
MOST_LEFT_OUT = 5

_PATH = re.compile(r"/[A-Za-z0-9_\-./~%:@]*")
_QUOTED = re.compile(r"""["'`](?:(?:https?|wss?)://[^/"'`\s]+)?(/[A-Za-z0-9_\-./]{2,80})["'`?]""")
_TELLING = re.compile(r"stream|event|sse|ws|socket|chat|agent|agui|copilot|completion|health", re.IGNORECASE)
_ASSET = re.compile(r"\.(?:js|css|map|png|svg|ico|woff2?|json|html?)$", re.IGNORECASE)
_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Operation:
    """One documented operation: the members of its JSON request, and what it answers."""

    method: str
    path: str
    media_types: frozenset[str]
    takes: frozenset[str]
    answers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Document:
    """A target's OpenAPI document; `left_out` are telling paths with parameters that nobody here can fill in."""

    path: str
    title: str
    operations: tuple[Operation, ...]
    left_out: tuple[str, ...]


def read_document(look: Look) -> Document | None:
    """The OpenAPI document in an answer; None when it is none."""
    value = look.members
    if look.status != 200 or not isinstance(value.get("openapi"), str) or not isinstance(value.get("paths"), dict):
        return None
    info = value.get("info")
    title = str(info.get("title") or "") if isinstance(info, dict) else ""
    operations: list[Operation] = []
    left_out: list[str] = []
    for path, item in value["paths"].items():
        if not isinstance(item, dict):
            continue
        if _PATH.fullmatch(path):
            operations += _operations(path, item, value)
        elif _TELLING.search(path):
            left_out.append(path)
    return Document(look.path, title, tuple(operations), tuple(left_out[:MOST_LEFT_OUT]))


def suspected(operation: Operation) -> str | None:
    """The surface that a documented operation is likely to be."""
    return _suspected_get(operation) if operation.method == "GET" else _suspected_post(operation)


def _suspected_get(operation: Operation) -> str | None:
    if "text/event-stream" in operation.media_types or re.search(r"stream|event|sse", operation.path):
        return "sse"
    return "health" if "health" in operation.path else None


def _suspected_post(operation: Operation) -> str | None:
    path, taken = operation.path, {name.lower() for name in operation.takes}
    if {"threadid", "runid"} <= taken or {"thread_id", "run_id"} <= taken:
        return "agui"
    if "messages" in taken or path.endswith("/chat/completions"):
        return "cmp" if "model" in taken or path.endswith("/completions") else "run"
    if "chatkit" in path:
        return None if re.search(r"/(session|upload|health)$", path) else "kit"
    if "message" in taken or path.endswith("/chat"):
        return "chat" if "conversation_id" in taken | operation.answers else "fall"
    return None


def paths_in_page(look: Look) -> list[str]:
    """The paths of the same server that a web page names and that sound like an endpoint."""
    if look.status != 200 or not look.page:
        return []
    found = dict.fromkeys(_QUOTED.findall(look.body.decode("utf-8", "replace")))
    return [path for path in found if _TELLING.search(path) and not _ASSET.search(path)][:MOST_PATHS]


def _operations(path: str, item: dict[str, Any], document: dict[str, Any]) -> Iterator[Operation]:
    for method, told in item.items():
        if method in ("get", "post") and isinstance(told, dict):
            answered = _content(_part(told, "responses", "200"))
            yield Operation(
                method.upper(),
                path,
                frozenset(answered),
                _members(_content(told.get("requestBody")), document),
                _members(answered, document),
            )


def _content(part: Any) -> dict[str, Any]:
    content = part.get("content") if isinstance(part, dict) else None
    return content if isinstance(content, dict) else {}


def _members(content: dict[str, Any], document: dict[str, Any]) -> frozenset[str]:
    schema = _part(content, "application/json", "schema")
    for _ in range(_DEEPEST):
        reference = schema.get("$ref") if isinstance(schema, dict) else None
        if not isinstance(reference, str):
            break
        schema = _part(document, *reference.removeprefix("#/").split("/"))
    properties = schema.get("properties") if isinstance(schema, dict) else None
    return frozenset(map(str, properties)) if isinstance(properties, dict) else frozenset()


def _part(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value
