"""A long answer is cut in the middle, and the stream ends as if all were said."""

from __future__ import annotations

from contextlib import aclosing

from pulsegate.reference_server.agui.runs import Events, Run
from pulsegate.reference_server.tampering import Seams

BREAKS = ("AGUI-3",)


MOST_PIECES = 30


def plant(seams: Seams) -> None:
    """Stop at a limit of pieces."""

    async def limited(events: Events, _: Run) -> Events:
        pieces = 0
        async with aclosing(events) as source:
            async for event in source:
                pieces += event["type"] == "TEXT_MESSAGE_CONTENT"
                if pieces > MOST_PIECES:
                    return
                yield event

    seams.agui_runs(limited)
