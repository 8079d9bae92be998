"""The state of a thread tells what another user asked in one of the same id."""

from __future__ import annotations

from contextlib import aclosing

from pulsegate.reference_server.agui.runs import Events, Run
from pulsegate.reference_server.tampering import Seams

BREAKS = ("AGUI-15",)


def plant(seams: Seams) -> None:
    """Keep the state by threadId."""
    asked: dict[str, list[str]] = {}

    async def kept(events: Events, run: Run) -> Events:
        topics = asked.setdefault(run.asked.thread_id, [])
        topics.append(run.asked.asked)
        async with aclosing(events) as source:
            async for event in source:
                if event["type"] == "STATE_SNAPSHOT":
                    yield {**event, "snapshot": {**event["snapshot"], "topics": list(topics)}}
                else:
                    yield event

    seams.agui_runs(kept)
