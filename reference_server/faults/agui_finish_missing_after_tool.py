"""A run that called a tool ends without RUN_FINISHED."""

from __future__ import annotations

from contextlib import aclosing

from pulsegate.reference_server.agui.runs import Events, Run
from pulsegate.reference_server.tampering import Seams

BREAKS = ("AGUI-3",)


def plant(seams: Seams) -> None:
    """Return from the branch of the tool."""

    async def returned(events: Events, _: Run) -> Events:
        called = False
        async with aclosing(events) as source:
            async for event in source:
                called = called or event["type"] == "TOOL_CALL_START"
                if not called or event["type"] != "RUN_FINISHED":
                    yield event

    seams.agui_runs(returned)
