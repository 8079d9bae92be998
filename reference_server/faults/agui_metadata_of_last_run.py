"""The metadata of pieces names the run that began last."""

from __future__ import annotations

from contextlib import aclosing

from pulsegate.reference_server.agui.runs import Events, Run
from pulsegate.reference_server.tampering import Seams

BREAKS = ("AGUI-13",)


def plant(seams: Seams) -> None:
    """Keep the run in a variable of the module."""
    began: dict[str, str] = {}

    async def traced(events: Events, run: Run) -> Events:
        began["last"] = run.asked.run_id
        async with aclosing(events) as source:
            async for event in source:
                if event["type"] == "TEXT_MESSAGE_CONTENT":
                    yield {**event, "metadata": {"trace": began["last"]}}
                else:
                    yield event

    seams.agui_runs(traced)
