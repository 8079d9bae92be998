"""A run that failed is finished all the same."""

from __future__ import annotations

from contextlib import aclosing

from pulsegate.reference_server.agui.events import run_finished
from pulsegate.reference_server.agui.runs import Events, Run
from pulsegate.reference_server.tampering import Seams

BREAKS = ("AGUI-10",)


def plant(seams: Seams) -> None:
    """Finish in a finally block."""

    async def finished(events: Events, run: Run) -> Events:
        async with aclosing(events) as source:
            async for event in source:
                yield event
                if event["type"] == "RUN_ERROR":
                    yield run_finished(run.asked.thread_id, run.asked.run_id)

    seams.agui_runs(finished)
