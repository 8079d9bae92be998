"""What every ChatKit request is handled with, and how threads and items are looked up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from fastapi import HTTPException
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import HTTPConnection

from pulsegate.reference_server.auth import User
from pulsegate.reference_server.kit import shapes
from pulsegate.reference_server.services import Services
from pulsegate.reference_server.store import conversations, messages
from pulsegate.reference_server.store.conversations import Page
from pulsegate.reference_server.store.tables import Conversation, Message
from pulsegate.reference_server.turns import require_room

Found = TypeVar("Found")

PAGE_SIZE = 20
LARGEST_PAGE = 100


@dataclass(frozen=True)
class Context:
    """The caller, the services that answer, and the request, where the audit log should name it."""

    services: Services
    user: User
    connection: HTTPConnection | None = None

    async def thread(self, thread_id: str) -> Conversation:
        """The caller's thread; HTTPException 404 when there is none, whoever else may have it."""
        key = thread_key(thread_id)
        found = await self.services.store.read(conversations.find, self.user.id, "thread", key)
        return existing(found)

    async def require_room(self, key: UUID) -> None:
        """HTTPException 409 when the caller's thread is full."""
        require_room(self.services, await self.services.store.read(messages.count, self.user.id, key))

    def note(self, event: str, thread: UUID) -> None:
        """Write into the audit log what the caller did to a thread."""
        if self.connection is not None:
            self.services.audit.note(self.connection, event, thread=str(thread))

    async def item(self, thread: Conversation, item_id: str) -> Message:
        """An item of the caller's thread; HTTPException 404."""
        return existing(
            await self.services.store.read(messages.find, self.user.id, thread.id, item_key(item_id)), "Item"
        )


def existing(found: Found | None, what: str = "Thread") -> Found:
    """`found`; HTTPException 404 when it is None."""
    if found is None:
        raise HTTPException(404, f"{what} not found.")
    return found


def thread_key(thread_id: str) -> UUID:
    """The store's name of a thread; HTTPException 404 when no thread can have that id."""
    return existing(shapes.thread_key(thread_id))


def item_key(item_id: str) -> UUID:
    """The store's name of an item; HTTPException 404 when no item can have that id."""
    return existing(shapes.item_key(item_id), "Item")


def page_size(limit: int | None) -> int:
    """How many rows a page holds; 0 means what None means, as in the public ChatKit server."""
    return min(limit or PAGE_SIZE, LARGEST_PAGE)


async def items_of(
    session: AsyncSession, user_id: str, thread_id: UUID, *, limit: int, order: conversations.Order, after: UUID | None
) -> tuple[Conversation, Page[Message] | None] | None:
    """A thread of `user_id` and a page of its items; None without the thread, no page behind a strange cursor."""
    thread = await conversations.find(session, user_id, "thread", thread_id)
    if thread is None:
        return None
    return thread, await messages.page(session, user_id, thread_id, limit=limit, order=order, after=after)
