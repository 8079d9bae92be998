"""Text, reasoning and tool calls come as chunks, whose first names them and whose end is never said."""

from __future__ import annotations

from contextlib import aclosing

from pulsegate.reference_server.agui.events import Event
from pulsegate.reference_server.agui.runs import Events, Run
from pulsegate.reference_server.tampering import Seams

FAMILIES = {"TEXT_MESSAGE": "CONTENT", "TOOL_CALL": "ARGS", "REASONING_MESSAGE": "CONTENT"}
#: What names the thing: only the first chunk has it.
NAMES = ("messageId", "role", "toolCallId", "toolCallName", "parentMessageId")


def plant(seams: Seams) -> None:
    """Write the shorthand of every family, one piece late, so that the first chunk has text."""

    async def chunked(events: Events, _: Run) -> Events:
        started: Event = {}
        async with aclosing(events) as source:
            async for event in source:
                family, _, what = event["type"].rpartition("_")
                if FAMILIES.get(family) is None or what not in ("START", FAMILIES[family], "END"):
                    yield event
                elif what == "START":
                    started = event
                elif what != "END":
                    named = {name: started[name] for name in NAMES if name in started and name != "role"}
                    yield {"type": f"{family}_CHUNK", **named, "delta": event["delta"]}
                    started = {}

    seams.agui_runs(chunked)
