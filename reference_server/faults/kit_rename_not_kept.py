"""A renamed thread has its old title again when it is opened."""

from __future__ import annotations

from pulsegate.reference_server.kit import planting
from pulsegate.reference_server.kit.context import Context
from pulsegate.reference_server.kit.events import Made
from pulsegate.reference_server.kit.planting import Answering, Sent
from pulsegate.reference_server.tampering import Seams

BREAKS = ("KIT-5",)


def plant(seams: Seams) -> None:
    """Answer with the new title, and forget to commit it."""

    async def forgotten(usual: Answering, context: Context, sent: Sent) -> Made:
        if sent.get("type") != "threads.update":
            return await usual(context, sent)
        params = sent["params"]
        found = await usual(context, {"type": "threads.get_by_id", "params": {"thread_id": params["thread_id"]}})
        return {**found, "title": params["title"]} if isinstance(found, dict) else found

    planting.requests(seams, forgotten)
