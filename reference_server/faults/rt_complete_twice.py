"""The last message of a run is completed twice."""

from __future__ import annotations

from collections.abc import Iterator

from pulsegate.reference_server.run_script import Step
from pulsegate.reference_server.tampering import Seams

BREAKS = ("RT-4",)
CAUSES = {"RT-4": "after-complete"}


def plant(seams: Seams) -> None:
    """Complete what the last agent wrote once more when the run is over."""

    def twice(steps: Iterator[Step]) -> Iterator[Step]:
        last: Step | None = None
        for step in steps:
            yield step
            last = step if step.name == "message_complete" else last
            if last is not None and step.data.get("progress") == 100 and "currentTask" in step.data:
                yield last

    seams.steps(twice)
