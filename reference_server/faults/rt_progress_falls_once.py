"""Progress falls once, from 60 to 50, when the third agent takes over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pulsegate.reference_server.run_script import Step
from pulsegate.reference_server.tampering import Seams

BREAKS = ("RT-3",)
CAUSES = {"RT-3": "fell"}


def plant(seams: Seams) -> None:
    """Count the writer's progress by its own steps."""

    def miscounted(steps: Iterator[Step]) -> Iterator[Step]:
        for step in steps:
            found = step.data.get("currentTask") and step.data["progress"] == 75
            yield replace(step, data={**step.data, "progress": 50}) if found else step

    seams.steps(miscounted)
