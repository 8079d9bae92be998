"""The writer is running for ever: its completion is never told, though the run is over."""

from __future__ import annotations

from collections.abc import Iterator

from pulsegate.reference_server.run_script import Step
from pulsegate.reference_server.tampering import Seams

BREAKS = ("RT-2",)


def plant(seams: Seams) -> None:
    """Report completion when the next agent takes over, which the last one's never does."""

    def untold(steps: Iterator[Step]) -> Iterator[Step]:
        for step in steps:
            if (step.data.get("agentId"), step.data.get("status")) != ("writer", "completed"):
                yield step

    seams.steps(untold)
