"""A tool that was called is put where the list of tools has no place yet."""

from __future__ import annotations

from contextlib import aclosing

from pulsegate.reference_server.agui.runs import Events, Run
from pulsegate.reference_server.tampering import Seams

BREAKS = ("AGUI-7",)


def plant(seams: Seams) -> None:
    """Write replace for add."""

    async def replaced(events: Events, _: Run) -> Events:
        async with aclosing(events) as source:
            async for event in source:
                if event["type"] == "STATE_DELTA":
                    changes = [
                        {**one, "op": "replace", "path": "/tools/0"} if one["op"] == "add" else one
                        for one in event["delta"]
                    ]
                    yield {**event, "delta": changes}
                else:
                    yield event

    seams.agui_runs(replaced)
