"""Refused access, as the audit log tells it: whether what a caller did not get belongs to somebody else."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from uuid import UUID

from fastapi import HTTPException
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import HTTPConnection

from pulsegate.reference_server.services import services_of
from pulsegate.reference_server.store.tables import Conversation, Message


@asynccontextmanager
async def noting_refusals(connection: HTTPConnection, keys: Collection[UUID]) -> AsyncGenerator[None, None]:
    """Note a 404 that is raised inside, with the ids that were asked for.

    The caller is told the same whether or not anybody else has them, and after the same work.
    """
    try:
        yield
    except HTTPException as problem:
        services = services_of(connection)
        if problem.status_code == 404 and services.audit.enabled:
            owners = await services.store.read(_owners, keys)
            others = bool(owners - {getattr(connection.state, "user_id", None)})
            ids = [str(key) for key in keys]
            services.audit.note(connection, "access.refused", outcome="refused", ids=ids, belongs_to_other=others)
        raise


async def _owners(session: AsyncSession, keys: Collection[UUID]) -> set[str]:
    """Whose the conversations and messages of these ids are."""
    of_messages = select(Message.conversation_id).where(Message.public_id.in_(keys))
    query = select(Conversation.user_id).where(or_(Conversation.id.in_(keys), Conversation.id.in_(of_messages)))
    return set(await session.scalars(query))
