"""A deleted thread is off the list, and can still be opened."""

from __future__ import annotations

from pulsegate.reference_server.kit import planting
from pulsegate.reference_server.kit.context import Context
from pulsegate.reference_server.kit.events import Made
from pulsegate.reference_server.kit.planting import Answering, Sent
from pulsegate.reference_server.tampering import Seams

BREAKS = ("KIT-5",)


def plant(seams: Seams) -> None:
    """Mark threads as deleted, and look at the mark in the list only."""
    deleted: set[str] = set()

    async def marked(usual: Answering, context: Context, sent: Sent) -> Made:
        kind, params = sent.get("type"), sent.get("params")
        if kind == "threads.delete" and isinstance(params, dict):
            await usual(context, {**sent, "type": "threads.get_by_id"})
            deleted.add(params["thread_id"])
            return {}
        made = await usual(context, sent)
        if kind != "threads.list" or not isinstance(made, dict):
            return made
        return {**made, "data": [thread for thread in made["data"] if thread["id"] not in deleted]}

    planting.requests(seams, marked)
