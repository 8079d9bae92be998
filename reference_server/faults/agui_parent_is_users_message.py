"""Tool calls name the user's message as their parent."""

from __future__ import annotations

from contextlib import aclosing

from pulsegate.reference_server.agui.runs import Events, Run
from pulsegate.reference_server.tampering import Seams

BREAKS = ("AGUI-5",)


def plant(seams: Seams) -> None:
    """Take the last message there is."""

    async def adopted(events: Events, run: Run) -> Events:
        async with aclosing(events) as source:
            async for event in source:
                if event["type"] == "TOOL_CALL_START":
                    yield {**event, "parentMessageId": run.sent[-1]["id"]}
                else:
                    yield event

    seams.agui_runs(adopted)
