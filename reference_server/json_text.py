"""JSON in and out: strict about what is read, compact in what is written.

What is read must survive being stored, compared and sent again, so numbers without a finite value, halves of
surrogate pairs and absurd nesting are refused at the door instead of failing later.
"""

from __future__ import annotations

import json
import math
from typing import Any

from fastapi import HTTPException
from starlette.requests import Request

MAX_DEPTH = 64


class MalformedJson(ValueError):
    """The text is not JSON this server accepts; the message is one sentence."""


def to_json(value: object) -> str:
    """`value` as compact JSON; ValueError for NaN and infinities."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"the number {text[:20]} is too large")
    return number


def _no_constant(text: str) -> float:
    raise ValueError(f"{text} is not JSON")


def parse_json(text: str) -> Any:
    """The value of a JSON text; MalformedJson."""
    try:
        value = json.loads(text, parse_float=_finite, parse_constant=_no_constant)
    except (ValueError, RecursionError) as problem:
        raise MalformedJson(f"Malformed JSON: {_reason(problem)}.") from None
    if "\\u" in text or text.count("[") + text.count("{") > MAX_DEPTH:
        _check(value)
    return value


def _reason(problem: Exception) -> str:
    if isinstance(problem, json.JSONDecodeError):
        return f"{problem.msg} at line {problem.lineno}, column {problem.colno}"
    return "nested too deeply" if isinstance(problem, RecursionError) else "a number is too large or not JSON"


def _check(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        for member in level:
            if isinstance(member, str):
                _check_text(member)
        containers = [member for member in level if isinstance(member, list | dict)]
        if not containers:
            return
        level = [inner for container in containers for inner in _members(container)]
    raise MalformedJson("Malformed JSON: nested too deeply.")


def _members(container: list[Any] | dict[str, Any]) -> list[Any]:
    return [*container, *container.values()] if isinstance(container, dict) else container


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise MalformedJson("Malformed JSON: a string holds half of a surrogate pair.") from None


async def read_json(request: Request) -> Any:
    """The JSON value in a request's body; HTTPException 400 when it is none."""
    try:
        return parse_json((await request.body()).decode())
    except UnicodeDecodeError:
        raise HTTPException(400, "Malformed JSON: the body is not UTF-8.") from None
    except MalformedJson as problem:
        raise HTTPException(400, str(problem)) from None


async def read_object(request: Request) -> dict[str, Any]:
    """The JSON object in a request's body; HTTPException 400 when it is anything else."""
    value = await read_json(request)
    if not isinstance(value, dict):
        raise HTTPException(400, "The body must be a JSON object.")
    return value
