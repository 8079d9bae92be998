"""A new thread is answered with one JSON document instead of a stream."""

from __future__ import annotations

from pulsegate.reference_server.kit import planting
from pulsegate.reference_server.kit.context import Context
from pulsegate.reference_server.kit.events import Made
from pulsegate.reference_server.kit.planting import Answering, Sent
from pulsegate.reference_server.tampering import Seams

BREAKS = ("KIT-5",)
CAUSES = {"KIT-5": "json-for-stream"}


def plant(seams: Seams) -> None:
    """Collect the events, as a proxy route with `await response.json()` does."""

    async def collected(usual: Answering, context: Context, sent: Sent) -> Made:
        made = await usual(context, sent)
        if sent.get("type") != "threads.create" or isinstance(made, dict):
            return made
        return {"events": [event async for event in made]}

    planting.requests(seams, collected)
