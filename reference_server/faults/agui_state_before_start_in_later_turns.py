"""Once a thread goes on, its state is sent before RUN_STARTED."""

from __future__ import annotations

from contextlib import aclosing

from pulsegate.reference_server.agui.runs import Events, Run
from pulsegate.reference_server.tampering import Seams

BREAKS = ("AGUI-2",)


def plant(seams: Seams) -> None:
    """Restore the thread first, and open the run then."""

    async def restored(events: Events, run: Run) -> Events:
        started = None
        async with aclosing(events) as source:
            async for event in source:
                if event["type"] == "RUN_STARTED" and run.asked.history:
                    started = event
                    continue
                yield event
                if started is not None:
                    yield started
                    started = None

    seams.agui_runs(restored)
