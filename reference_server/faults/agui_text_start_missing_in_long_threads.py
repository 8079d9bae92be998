"""From the third turn of a thread on, texts come without their start."""

from __future__ import annotations

from contextlib import aclosing

from pulsegate.reference_server.agui.runs import Events, Run
from pulsegate.reference_server.tampering import Seams

BREAKS = ("AGUI-4",)


LONG = 5


def plant(seams: Seams) -> None:
    """Take the message for one that the client has."""

    async def unstarted(events: Events, run: Run) -> Events:
        async with aclosing(events) as source:
            async for event in source:
                if event["type"] != "TEXT_MESSAGE_START" or len(run.sent) < LONG:
                    yield event

    seams.agui_runs(unstarted)
