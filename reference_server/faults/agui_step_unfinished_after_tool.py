"""The step of a run that called a tool is never finished."""

from __future__ import annotations

from contextlib import aclosing

from pulsegate.reference_server.agui.runs import Events, Run
from pulsegate.reference_server.tampering import Seams

BREAKS = ("AGUI-6",)


def plant(seams: Seams) -> None:
    """Leave the step by an early return."""

    async def left(events: Events, _: Run) -> Events:
        called = False
        async with aclosing(events) as source:
            async for event in source:
                called = called or event["type"] == "TOOL_CALL_START"
                if not called or event["type"] != "STEP_FINISHED":
                    yield event

    seams.agui_runs(left)
