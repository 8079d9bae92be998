"""Whoever asks twice for somebody else's thread can read it."""

from __future__ import annotations

from fastapi import HTTPException

from pulsegate.reference_server.kit import planting
from pulsegate.reference_server.kit.context import Context
from pulsegate.reference_server.kit.events import Made
from pulsegate.reference_server.kit.planting import Answering, Sent
from pulsegate.reference_server.tampering import Seams

BREAKS = ("KIT-7",)


def plant(seams: Seams) -> None:
    """Remember that a thread was looked up, but not that it was refused."""
    seen: set[tuple[str, str]] = set()

    async def remembered(usual: Answering, context: Context, sent: Sent) -> Made:
        if sent.get("type") != "threads.get_by_id":
            return await usual(context, sent)
        key = (context.user.id, str(sent["params"].get("thread_id")))
        try:
            return await usual(context, sent)
        except HTTPException:
            if key not in seen:
                seen.add(key)
                raise
        return await usual(await planting.as_owner(context, sent), sent)

    planting.requests(seams, remembered)
