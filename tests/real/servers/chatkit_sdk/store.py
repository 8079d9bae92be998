"""Threads and items in memory, by user: what a store of the ChatKit SDK has to hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from chatkit.store import NotFoundError, Store
from chatkit.types import Attachment, Page, ThreadItem, ThreadMetadata

Entry = TypeVar("Entry", ThreadItem, ThreadMetadata)


@dataclass(frozen=True)
class Caller:
    """Who makes a request; the SDK hands it to every method of the store."""

    user_id: str


@dataclass
class _Held:
    thread: ThreadMetadata
    items: dict[str, ThreadItem] = field(default_factory=dict)


class MemoryStore(Store[Caller]):
    """Every thread belongs to the user who created it, and is nowhere to be found for others.

    With `forget_owner`, items are looked up by their thread alone: nothing but the SDK's own call of
    load_thread stands before them then, and items.list makes none.
    """

    def __init__(self, *, forget_owner: bool = False) -> None:
        self._threads: defaultdict[str, dict[str, _Held]] = defaultdict(dict)
        self._forget_owner = forget_owner

    def _held(self, thread_id: str, context: Caller) -> _Held:
        held = self._threads[context.user_id].get(thread_id)
        if held is None:
            raise NotFoundError(f"Thread {thread_id} not found")
        return held

    def _held_by_anyone(self, thread_id: str) -> _Held:
        for threads in self._threads.values():
            if thread_id in threads:
                return threads[thread_id]
        raise NotFoundError(f"Thread {thread_id} not found")

    async def load_thread(self, thread_id: str, context: Caller) -> ThreadMetadata:
        return self._held(thread_id, context).thread.model_copy(deep=True)

    async def save_thread(self, thread: ThreadMetadata, context: Caller) -> None:
        kept = ThreadMetadata.model_validate(thread.model_dump(exclude={"items"}))
        held = self._threads[context.user_id].get(thread.id)
        if held is None:
            self._threads[context.user_id][thread.id] = _Held(kept)
        else:
            held.thread = kept

    async def load_threads(self, limit: int, after: str | None, order: str, context: Caller) -> Page[ThreadMetadata]:
        threads = [held.thread for held in self._threads[context.user_id].values()]
        return _page(threads, limit, after, order)

    async def delete_thread(self, thread_id: str, context: Caller) -> None:
        self._held(thread_id, context)
        del self._threads[context.user_id][thread_id]

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: Caller
    ) -> Page[ThreadItem]:
        held = self._held_by_anyone(thread_id) if self._forget_owner else self._held(thread_id, context)
        return _page(list(held.items.values()), limit, after, order)

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        self._held(thread_id, context).items[item.id] = item

    async def save_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        self._held(thread_id, context).items[item.id] = item

    async def load_item(self, thread_id: str, item_id: str, context: Caller) -> ThreadItem:
        item = self._held(thread_id, context).items.get(item_id)
        if item is None:
            raise NotFoundError(f"Item {item_id} not found in thread {thread_id}")
        return item

    async def delete_thread_item(self, thread_id: str, item_id: str, context: Caller) -> None:
        self._held(thread_id, context).items.pop(item_id, None)

    async def save_attachment(self, attachment: Attachment, context: Caller) -> None:
        raise NotImplementedError("there are no attachments here")

    async def load_attachment(self, attachment_id: str, context: Caller) -> Attachment:
        raise NotFoundError(f"Attachment {attachment_id} not found")

    async def delete_attachment(self, attachment_id: str, context: Caller) -> None:
        raise NotFoundError(f"Attachment {attachment_id} not found")


def _page(entries: Sequence[Entry], limit: int, after: str | None, order: str) -> Page[Entry]:
    ordered = list(entries) if order == "asc" else list(reversed(entries))
    ids = [entry.id for entry in ordered]
    if after is not None and after not in ids:
        raise NotFoundError(f"{after} not found")
    begin = ids.index(after) + 1 if after is not None else 0
    shown = ordered[begin : begin + limit]
    more = begin + limit < len(ordered)
    return Page(
        data=[entry.model_copy(deep=True) for entry in shown], has_more=more, after=shown[-1].id if more else None
    )
