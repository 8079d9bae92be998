"""A report of progress within the run has neither message nor currentTask."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pulsegate.reference_server.run_script import Step
from pulsegate.reference_server.tampering import Seams

BREAKS = ("RT-3",)


def plant(seams: Seams) -> None:
    """Send progress only, when nothing else has changed."""

    def bare(steps: Iterator[Step]) -> Iterator[Step]:
        for step in steps:
            found = step.data.get("currentTask") and step.data["progress"] == 75
            yield replace(step, data={"progress": 75}) if found else step

    seams.steps(bare)
