"""Renaming somebody else's thread is answered with 500."""

from __future__ import annotations

from fastapi import HTTPException

from pulsegate.reference_server.kit import planting
from pulsegate.reference_server.kit.context import Context
from pulsegate.reference_server.kit.events import Made
from pulsegate.reference_server.kit.planting import Answering, Sent
from pulsegate.reference_server.tampering import Seams

BREAKS = ("KIT-7",)


def plant(seams: Seams) -> None:
    """Change the row that was not found."""

    async def answered(usual: Answering, context: Context, sent: Sent) -> Made:
        try:
            return await usual(context, sent)
        except HTTPException:
            owner = await planting.as_owner(context, sent)
            if sent.get("type") != "threads.update" or owner == context:
                raise
            raise HTTPException(500, "Internal server error.") from None

    planting.requests(seams, answered)
