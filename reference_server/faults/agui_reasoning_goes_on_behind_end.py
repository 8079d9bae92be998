"""The last piece of reasoning comes behind its end when a tool is to be called."""

from __future__ import annotations

from contextlib import aclosing

from pulsegate.reference_server.agui.runs import Events, Run
from pulsegate.reference_server.tampering import Seams

BREAKS = ("AGUI-9",)


def plant(seams: Seams) -> None:
    """Flush what is left of the reasoning at the tool call."""

    async def flushed(events: Events, _: Run) -> Events:
        piece = {"type": "RAW", "event": None}
        async with aclosing(events) as source:
            async for event in source:
                if event["type"] == "REASONING_MESSAGE_CONTENT":
                    piece = event
                if event["type"] == "TOOL_CALL_START":
                    yield piece
                yield event

    seams.agui_runs(flushed)
