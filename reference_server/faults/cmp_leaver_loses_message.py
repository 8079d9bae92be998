"""What a client said is lost when it leaves before the answer has ended."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from contextvars import ContextVar
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from pulsegate.reference_server import turns
from pulsegate.reference_server.routers import cmp
from pulsegate.reference_server.services import Services
from pulsegate.reference_server.store.messages import NewMessage
from pulsegate.reference_server.tampering import Seams

BREAKS = ("CMP-11",)
CAUSES = {"CMP-11": "lost"}


STREAMED: ContextVar[bool] = ContextVar("streamed", default=False)


def plant(seams: Seams) -> None:
    """Save both messages of a streamed turn when the words are out."""
    unsaved: dict[UUID, tuple[Any, ...]] = {}

    def noting(original: Any) -> Any:
        async def read_body(*given: Any) -> Any:
            body = await original(*given)
            STREAMED.set(bool(body.stream))
            return body

        return read_body

    def later(original: Any) -> Any:
        async def record(
            session: AsyncSession, user_id: str, begun: UUID | None, new: Sequence[NewMessage], title: str
        ) -> Any:
            if not STREAMED.get():
                return await original(session, user_id, begun, new, title)
            kept_in = await original(session, user_id, begun, [], title)
            unsaved[new[-1].public_id] = (original, user_id, kept_in, new, title)
            return kept_in

        return record

    def saving(original: Any) -> Any:
        async def frames(turn: turns.Turn, services: Services, *given: Any) -> AsyncGenerator[bytes, None]:
            async with aclosing(original(turn, services, *given)) as source:
                async for frame in source:
                    if b'"stop"' in frame:
                        await services.store.write(*unsaved.pop(turn.message_id))
                    yield frame

        return frames

    seams.replace(cmp, "read_body", noting)
    seams.replace(turns, "_record", later)
    seams.replace(cmp, "_frames", saving)
