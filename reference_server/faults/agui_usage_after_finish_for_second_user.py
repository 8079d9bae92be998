"""The second user's runs send their usage behind RUN_FINISHED."""

from __future__ import annotations

from contextlib import aclosing

from pulsegate.reference_server.agui.runs import Events, Run
from pulsegate.reference_server.tampering import Seams

BREAKS = ("AGUI-3",)


def plant(seams: Seams) -> None:
    """Report from a background task for those whose usage is counted."""
    users: list[str] = []

    async def reported(events: Events, run: Run) -> Events:
        if run.user is not None and run.user.id not in users:
            users.append(run.user.id)
        async with aclosing(events) as source:
            async for event in source:
                yield event
                if event["type"] == "RUN_FINISHED" and run.user is not None and users.index(run.user.id) == 1:
                    yield {"type": "CUSTOM", "name": "usage", "value": {"tokens": 12}}

    seams.agui_runs(reported)
