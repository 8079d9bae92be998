"""threads.get_by_id is answered with a stream."""

from __future__ import annotations

from pulsegate.reference_server.kit import planting
from pulsegate.reference_server.kit.context import Context
from pulsegate.reference_server.kit.events import Made, Stream
from pulsegate.reference_server.kit.planting import Answering, Sent
from pulsegate.reference_server.tampering import Seams

BREAKS = ("KIT-5",)


def plant(seams: Seams) -> None:
    """Send the thread as an event, because the route always answers with a StreamingResponse."""

    async def streamed(usual: Answering, context: Context, sent: Sent) -> Made:
        made = await usual(context, sent)
        return _one(made) if sent.get("type") == "threads.get_by_id" and isinstance(made, dict) else made

    planting.requests(seams, streamed)


async def _one(thread: Sent) -> Stream:
    yield thread
