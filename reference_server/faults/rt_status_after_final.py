"""The planner, long completed, says that it is running when the last message begins."""

from __future__ import annotations

from collections.abc import Iterator

from pulsegate.reference_server.run_script import Step
from pulsegate.reference_server.tampering import Seams

BREAKS = ("RT-2",)


def plant(seams: Seams) -> None:
    """Wake the planner without looking at its status."""

    def woken(steps: Iterator[Step]) -> Iterator[Step]:
        for step in steps:
            yield step
            if step.data.get("agentId") == "writer" and step.data.get("status") == "running":
                yield Step("agent_update", {"agentId": "planner", "status": "running", "progress": 100})

    seams.steps(woken)
