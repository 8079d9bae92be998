"""A thread that its owner has opened lately can be opened by anybody."""

from __future__ import annotations

from pulsegate.reference_server.kit import planting
from pulsegate.reference_server.kit.context import Context
from pulsegate.reference_server.kit.events import Made
from pulsegate.reference_server.kit.planting import Answering, Sent
from pulsegate.reference_server.tampering import Seams

BREAKS = ("KIT-7",)


def plant(seams: Seams) -> None:
    """Keep answers to threads.get_by_id by the thread alone."""
    cache: dict[str, Made] = {}

    async def cached(usual: Answering, context: Context, sent: Sent) -> Made:
        kind, params = sent.get("type"), sent.get("params")
        thread = params.get("thread_id") if isinstance(params, dict) else None
        if kind != "threads.get_by_id" or not isinstance(thread, str):
            cache.pop(str(thread), None)
            return await usual(context, sent)
        if thread not in cache:
            cache[thread] = await usual(context, sent)
        return cache[thread]

    planting.requests(seams, cached)
