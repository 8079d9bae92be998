"""Every second tool result names the message instead of the call."""

from __future__ import annotations

from contextlib import aclosing
from itertools import count

from pulsegate.reference_server.agui.runs import Events, Run
from pulsegate.reference_server.tampering import Seams

BREAKS = ("AGUI-5",)


def plant(seams: Seams) -> None:
    """Take the wrong id on the way of cached results."""
    results = count()

    async def misnamed(events: Events, run: Run) -> Events:
        async with aclosing(events) as source:
            async for event in source:
                if event["type"] == "TOOL_CALL_RESULT" and next(results) % 2:
                    yield {**event, "toolCallId": run.message_id}
                else:
                    yield event

    seams.agui_runs(misnamed)
