"""The events of a ChatKit stream."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

from pulsegate.reference_server.kit.shapes import output_text

Event = dict[str, Any]
Stream = AsyncGenerator[Event, None]
Made = dict[str, Any] | Stream
"""What a request is answered with: one JSON object, or events."""

STREAM_OPTIONS: Event = {"type": "stream_options", "stream_options": {"allow_cancel": True}}
FAILED: Event = {"type": "error", "code": "stream.error", "allow_retry": True}


def thread_created(thread: dict[str, Any]) -> Event:
    """A thread exists from here on."""
    return {"type": "thread.created", "thread": thread}


def thread_updated(thread: dict[str, Any]) -> Event:
    """A thread has another title."""
    return {"type": "thread.updated", "thread": thread}


def item_added(item: dict[str, Any]) -> Event:
    """An item begins; updates follow."""
    return {"type": "thread.item.added", "item": item}


def item_done(item: dict[str, Any]) -> Event:
    """An item is whole and stored."""
    return {"type": "thread.item.done", "item": item}


def progress(text: str) -> Event:
    """What the assistant is doing."""
    return {"type": "progress_update", "text": text}


def part_added(item_id: str) -> Event:
    """The one part of an assistant message begins, empty."""
    return _updated(item_id, "added", content=output_text(""))


def text_delta(item_id: str, delta: str) -> Event:
    """More text of that part."""
    return _updated(item_id, "text_delta", delta=delta)


def part_done(item_id: str, text: str) -> Event:
    """That part is whole."""
    return _updated(item_id, "done", content=output_text(text))


def _updated(item_id: str, what: str, **members: Any) -> Event:
    update = {"type": f"assistant_message.content_part.{what}", "content_index": 0, **members}
    return {"type": "thread.item.updated", "item_id": item_id, "update": update}
