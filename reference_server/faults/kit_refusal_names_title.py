"""The refusal of somebody else's thread calls it by its title."""

from __future__ import annotations

from fastapi import HTTPException

from pulsegate.reference_server.kit import planting
from pulsegate.reference_server.kit.context import Context
from pulsegate.reference_server.kit.events import Made
from pulsegate.reference_server.kit.planting import Answering, Sent
from pulsegate.reference_server.tampering import Seams

BREAKS = ("KIT-7",)


def plant(seams: Seams) -> None:
    """Be helpful about what is not allowed."""

    async def answered(usual: Answering, context: Context, sent: Sent) -> Made:
        try:
            return await usual(context, sent)
        except HTTPException:
            owner = await planting.as_owner(context, sent)
            if sent.get("type") != "threads.get_by_id" or owner == context:
                raise
            thread = await usual(owner, {"type": "threads.get_by_id", "params": sent["params"]})
            title = thread["title"] if isinstance(thread, dict) else None
            raise HTTPException(403, f"You may not open “{title}”.") from None

    planting.requests(seams, answered)
