"""Completions have all the members of the public API, empty deltas, null contents, and a last chunk for the usage."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Answer, Event, Seams

MORE = {"system_fingerprint": "fp_44709d6fcb", "service_tier": "default", "usage": None}
USAGE = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3, "prompt_tokens_details": {"cached_tokens": 0}}


def plant(seams: Seams) -> None:
    """Fill every chunk, and add those that say nothing."""

    def wordy(event: Event, _: HTTPConnection) -> Iterable[Event]:
        if event.data == "[DONE]":
            yield event
            return
        choice = event.data["choices"][0]
        role = choice["delta"].get("role")
        added = {"role": role, "content": "", "refusal": None} if role else {"role": "assistant", "tool_calls": None}
        yield _chunk(event, {**added, **choice["delta"]}, choice["finish_reason"])
        if choice["finish_reason"] is None:
            yield _chunk(event, {"content": ""})
            yield _chunk(event, {"content": None} if event.number % 2 else {})
        else:
            yield event.changed(**{**MORE, "choices": [], "usage": USAGE})

    def whole(value: Any, answer: Answer) -> Any:
        if answer.status != 200:
            return value
        choice = value["choices"][0]
        message = {**choice["message"], "refusal": None, "annotations": [], "tool_calls": None}
        return {**value, **MORE, "usage": USAGE, "choices": [{**choice, "message": message, "logprobs": None}]}

    seams.events("cmp", wordy)
    seams.answers("cmp", whole)


def _chunk(event: Event, delta: Any, reason: str | None = None) -> Event:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
    return event.changed(**MORE, choices=[choice])
