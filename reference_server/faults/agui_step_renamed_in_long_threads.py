"""From the third turn of a thread on, steps are finished under another name."""

from __future__ import annotations

from contextlib import aclosing

from pulsegate.reference_server.agui.runs import Events, Run
from pulsegate.reference_server.tampering import Seams

BREAKS = ("AGUI-6",)


LONG = 5


def plant(seams: Seams) -> None:
    """Number the step when it ends."""

    async def renamed(events: Events, run: Run) -> Events:
        async with aclosing(events) as source:
            async for event in source:
                if event["type"] == "STEP_FINISHED" and len(run.sent) >= LONG:
                    yield {**event, "stepName": f"{event['stepName']} {len(run.sent)}"}
                else:
                    yield event

    seams.agui_runs(renamed)
