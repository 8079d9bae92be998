"""Once a thread goes on, its state is changed but no longer sent."""

from __future__ import annotations

from contextlib import aclosing

from pulsegate.reference_server.agui.runs import Events, Run
from pulsegate.reference_server.tampering import Seams

BREAKS = ("AGUI-7",)


def plant(seams: Seams) -> None:
    """Trust that the client still has it."""

    async def trusting(events: Events, run: Run) -> Events:
        async with aclosing(events) as source:
            async for event in source:
                if event["type"] != "STATE_SNAPSHOT" or not run.asked.history:
                    yield event

    seams.agui_runs(trusting)
