"""The text of a run that called a tool is never ended."""

from __future__ import annotations

from contextlib import aclosing

from pulsegate.reference_server.agui.runs import Events, Run
from pulsegate.reference_server.tampering import Seams

BREAKS = ("AGUI-4",)


def plant(seams: Seams) -> None:
    """Send the end on the branch without tools only."""

    async def unended(events: Events, _: Run) -> Events:
        called = False
        async with aclosing(events) as source:
            async for event in source:
                called = called or event["type"] == "TOOL_CALL_START"
                if not called or event["type"] != "TEXT_MESSAGE_END":
                    yield event

    seams.agui_runs(unended)
