"""An agent that pauses is said to be waiting, a status that nobody documented."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pulsegate.reference_server.run_script import Step
from pulsegate.reference_server.tampering import Seams

BREAKS = ("RT-2",)


def plant(seams: Seams) -> None:
    """Use the orchestrator's own word."""

    def waiting(steps: Iterator[Step]) -> Iterator[Step]:
        for step in steps:
            paused = step.data.get("status") == "paused"
            yield replace(step, data={**step.data, "status": "waiting"}) if paused else step

    seams.steps(waiting)
