"""ChatKit requests that are answered with one JSON object."""

from __future__ import annotations

from typing import Any

from fastapi import HTTPException

from pulsegate.reference_server.kit import requests, shapes
from pulsegate.reference_server.kit.context import Context, existing, item_key, items_of, page_size, thread_key
from pulsegate.reference_server.store import conversations, messages

Answer = dict[str, Any]


async def get_thread(context: Context, params: requests.ThreadParams) -> Answer:
    """The thread with the first page of its items."""
    key = thread_key(params.thread_id)
    found = await context.services.store.read(
        items_of, context.user.id, key, limit=page_size(None), order="asc", after=None
    )
    thread, items = existing(found)
    return shapes.thread(thread, items)


async def list_threads(context: Context, params: requests.ListThreads) -> Answer:
    """A page of the caller's threads, without their items."""
    after = None if params.after is None else thread_key(params.after)
    found = await context.services.store.read(
        conversations.page, context.user.id, "thread", limit=page_size(params.limit), order=params.order, after=after
    )
    return shapes.thread_page(existing(found))


async def rename_thread(context: Context, params: requests.RenameThread) -> Answer:
    """The thread under its new title."""
    key = thread_key(params.thread_id)
    found = await context.services.store.write(conversations.rename, context.user.id, "thread", key, params.title)
    return shapes.thread(existing(found))


async def delete_thread(context: Context, params: requests.ThreadParams) -> Answer:
    """Nothing, once the thread is gone."""
    key = thread_key(params.thread_id)
    if not await context.services.store.write(conversations.remove, context.user.id, "thread", key):
        raise HTTPException(404, "Thread not found.")
    context.note("thread.deleted", key)
    return {}


async def list_items(context: Context, params: requests.ListItems) -> Answer:
    """A page of a thread's items."""
    key = thread_key(params.thread_id)
    after = None if params.after is None else item_key(params.after)
    found = await context.services.store.read(
        items_of, context.user.id, key, limit=page_size(params.limit), order=params.order, after=after
    )
    _, items = existing(found)
    return shapes.item_page(existing(items, "Item"))


async def rate_items(context: Context, params: requests.RateItems) -> Answer:
    """Nothing, once the feedback is kept."""
    thread = await context.thread(params.thread_id)
    keys = [item_key(item_id) for item_id in params.item_ids]
    if not await context.services.store.write(messages.rate, context.user.id, thread.id, keys, params.kind):
        raise HTTPException(404, "Item not found.")
    return {}


async def sync_action(context: Context, params: requests.CustomAction) -> Answer:
    """No item is changed: this server shows no widgets that act."""
    thread = await context.thread(params.thread_id)
    if params.item_id is not None:
        await context.item(thread, params.item_id)
    return {"updated_item": None}


async def create_attachment(_context: Context, _params: requests.CreateAttachment) -> Answer:
    """Refused, as the upload route does."""
    raise HTTPException(400, "File uploads are not currently supported.")


async def delete_attachment(_context: Context, _params: requests.DeleteAttachment) -> Answer:
    """Not found: nobody has any."""
    raise HTTPException(404, "Attachment not found.")


async def transcribe(_context: Context, _params: requests.Transcribe) -> Answer:
    """Refused: there is no ear."""
    raise HTTPException(400, "Dictation is not supported.")
