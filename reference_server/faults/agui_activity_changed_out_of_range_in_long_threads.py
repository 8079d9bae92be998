"""From the third turn of a thread on, a change of the plan names a step that it does not have."""

from __future__ import annotations

from contextlib import aclosing

from pulsegate.reference_server.agui.runs import Events, Run
from pulsegate.reference_server.tampering import Seams

BREAKS = ("AGUI-9",)


LONG = 5


def plant(seams: Seams) -> None:
    """Count the steps of all turns."""

    async def counted(events: Events, run: Run) -> Events:
        async with aclosing(events) as source:
            async for event in source:
                if event["type"] == "ACTIVITY_DELTA" and len(run.sent) >= LONG:
                    yield {**event, "patch": [{**one, "path": "/steps/2/done"} for one in event["patch"]]}
                else:
                    yield event

    seams.agui_runs(counted)
