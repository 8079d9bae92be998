"""One report of progress says "60", as text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pulsegate.reference_server.run_script import Step
from pulsegate.reference_server.tampering import Seams

BREAKS = ("RT-3",)


def plant(seams: Seams) -> None:
    """Take the number from a form field."""

    def miscounted(steps: Iterator[Step]) -> Iterator[Step]:
        for step in steps:
            found = step.data.get("currentTask") and step.data["progress"] == 60
            yield replace(step, data={**step.data, "progress": "60"}) if found else step

    seams.steps(miscounted)
