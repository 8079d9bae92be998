"""threads.list shows everybody's threads."""

from __future__ import annotations

from sqlalchemy import Select, select

from pulsegate.reference_server.kit import planting, shapes
from pulsegate.reference_server.kit.context import Context
from pulsegate.reference_server.kit.events import Made
from pulsegate.reference_server.kit.planting import Answering, Sent
from pulsegate.reference_server.store import conversations
from pulsegate.reference_server.store.tables import Conversation
from pulsegate.reference_server.tampering import Seams

BREAKS = ("KIT-7",)


def plant(seams: Seams) -> None:
    """Forget the owner in load_threads."""

    async def everybody(usual: Answering, context: Context, sent: Sent) -> Made:
        if sent.get("type") != "threads.list":
            return await usual(context, sent)
        rows = await context.services.store.read(lambda session: session.scalars(_threads()))
        return shapes.thread_page(conversations.Page(list(rows), has_more=False))

    planting.requests(seams, everybody)


def _threads() -> Select[Conversation]:
    return select(Conversation).where(Conversation.kind == "thread").order_by(Conversation.created_at.desc())
