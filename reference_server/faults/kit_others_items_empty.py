"""items.list of somebody else's thread answers 200 and an empty page."""

from __future__ import annotations

from fastapi import HTTPException

from pulsegate.reference_server.kit import planting
from pulsegate.reference_server.kit.context import Context
from pulsegate.reference_server.kit.events import Made
from pulsegate.reference_server.kit.planting import Answering, Sent
from pulsegate.reference_server.tampering import Seams

BREAKS = ("KIT-7",)


def plant(seams: Seams) -> None:
    """Filter the items, and not the thread, by owner."""

    async def answered(usual: Answering, context: Context, sent: Sent) -> Made:
        try:
            return await usual(context, sent)
        except HTTPException:
            owner = await planting.as_owner(context, sent)
            if sent.get("type") != "items.list" or owner == context:
                raise
            return {"data": [], "has_more": False, "after": None}

    planting.requests(seams, answered)
