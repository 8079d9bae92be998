"""RUN_STARTED comes again when a tool was called."""

from __future__ import annotations

from contextlib import aclosing

from pulsegate.reference_server.agui.events import run_started
from pulsegate.reference_server.agui.runs import Events, Run
from pulsegate.reference_server.tampering import Seams

BREAKS = ("AGUI-2",)


def plant(seams: Seams) -> None:
    """Enter the graph a second time."""

    async def entered(events: Events, run: Run) -> Events:
        async with aclosing(events) as source:
            async for event in source:
                yield event
                if event["type"] == "TOOL_CALL_RESULT":
                    yield run_started(run.asked.thread_id, run.asked.run_id)

    seams.agui_runs(entered)
