"""Progress ends at 99."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pulsegate.reference_server.run_script import Step
from pulsegate.reference_server.tampering import Seams

BREAKS = ("RT-3",)
CAUSES = {"RT-3": "stuck"}


def plant(seams: Seams) -> None:
    """Round the share of finished steps down."""

    def miscounted(steps: Iterator[Step]) -> Iterator[Step]:
        for step in steps:
            found = step.data.get("currentTask") and step.data["progress"] == 100
            yield replace(step, data={**step.data, "progress": 99}) if found else step

    seams.steps(miscounted)
