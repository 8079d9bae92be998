"""Threads and their items as ChatKit clients see them, and the ids these go by."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from uuid import UUID

from pulsegate.reference_server.kit.requests import UserInput
from pulsegate.reference_server.store.conversations import Page
from pulsegate.reference_server.store.messages import NewMessage
from pulsegate.reference_server.store.tables import Conversation, Message

_HEX = re.compile(r"[0-9a-f]{32}")


def thread_id(key: UUID) -> str:
    """The public id of a thread."""
    return f"thr_{key.hex}"


def item_id(key: UUID) -> str:
    """The public id of an item."""
    return f"msg_{key.hex}"


def thread_key(text: str) -> UUID | None:
    """What the store calls the thread; None when no thread can have that id."""
    return _key(text, "thr_")


def item_key(text: str) -> UUID | None:
    """What the store calls the item; None when no item can have that id."""
    return _key(text, "msg_")


def _key(text: str, prefix: str) -> UUID | None:
    digits = text.removeprefix(prefix)
    return UUID(digits) if digits != text and _HEX.fullmatch(digits) else None


def keys_in(params: object) -> list[UUID]:
    """What the store calls the threads and items that the parameters of a request name, in order."""
    named = params if isinstance(params, dict) else {}
    items = named.get("item_ids")
    texts = [
        named.get("thread_id"),
        named.get("item_id"),
        named.get("after"),
        *(items if isinstance(items, list) else []),
    ]
    keys = [thread_key(text) or item_key(text) for text in texts if isinstance(text, str)]
    return [key for key in keys if key is not None]


def thread(row: Conversation, items: Page[Message] | None = None) -> dict[str, Any]:
    """A thread with a page of its items (an empty one when none is given)."""
    return {
        "id": thread_id(row.id),
        "title": row.title,
        "created_at": row.created_at.isoformat(),
        "status": {"type": "active"},
        "metadata": {},
        "items": item_page(items or Page([], has_more=False)),
    }


def thread_page(rows: Page[Conversation]) -> dict[str, Any]:
    """One page of a list of threads."""
    return _page([thread(row) for row in rows.rows], rows.has_more)


def item_page(rows: Page[Message]) -> dict[str, Any]:
    """One page of a thread's items."""
    return _page([item(row) for row in rows.rows], rows.has_more)


def _page(data: list[dict[str, Any]], has_more: bool) -> dict[str, Any]:
    return {"data": data, "has_more": has_more, "after": data[-1]["id"] if has_more else None}


def item(row: Message) -> dict[str, Any]:
    """A user message or an assistant message, whole."""
    if row.role == "assistant":
        return assistant_item(row.public_id, row.conversation_id, row.created_at, [output_text(row.content)])
    head = _head(row.public_id, row.conversation_id, row.created_at)
    return {**head, "type": "user_message", "attachments": [], **row.details}


def assistant_item(key: UUID, thread: UUID, created_at: datetime, content: list[dict[str, Any]]) -> dict[str, Any]:
    """An assistant message with that content, which is empty when it begins."""
    return {**_head(key, thread, created_at), "type": "assistant_message", "content": content}


def _head(key: UUID, thread: UUID, created_at: datetime) -> dict[str, Any]:
    return {"id": item_id(key), "thread_id": thread_id(thread), "created_at": created_at.isoformat()}


def output_text(text: str) -> dict[str, Any]:
    """A part of what the assistant says."""
    return {"type": "output_text", "text": text, "annotations": []}


def user_message(said: UserInput) -> NewMessage:
    """What a user submits, as it is stored: the words, and the parts they came in."""
    parts = said.model_dump(mode="json", exclude={"attachments"})
    return NewMessage("user", said.text, tokens_used=len(said.text.split()), details=parts)
