"""What is said in a streamed turn is not stored."""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import ContextVar
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from pulsegate.reference_server import turns
from pulsegate.reference_server.routers import cmp
from pulsegate.reference_server.store.messages import NewMessage
from pulsegate.reference_server.tampering import Seams

BREAKS = ("CMP-3",)
CAUSES = {"CMP-3": "forgotten"}


STREAMED: ContextVar[bool] = ContextVar("streamed", default=False)


def plant(seams: Seams) -> None:
    """Save the messages in the branch for whole answers only."""

    def noting(original: Any) -> Any:
        async def read_body(*given: Any) -> Any:
            body = await original(*given)
            STREAMED.set(bool(body.stream))
            return body

        return read_body

    def forgetting(original: Any) -> Any:
        async def record(
            session: AsyncSession, user_id: str, conversation_id: UUID | None, new: Sequence[NewMessage], title: str
        ) -> Any:
            return await original(session, user_id, conversation_id, [] if STREAMED.get() else new, title)

        return record

    seams.replace(cmp, "read_body", noting)
    seams.replace(turns, "_record", forgetting)
