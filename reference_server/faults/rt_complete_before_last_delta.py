"""A message with a line break is completed before its last piece has come."""

from __future__ import annotations

from collections.abc import Iterator

from pulsegate.reference_server.run_script import Step
from pulsegate.reference_server.tampering import Seams

BREAKS = ("RT-4",)


def plant(seams: Seams) -> None:
    """Complete such a message past the queue in which its last piece still waits."""

    def hasty(steps: Iterator[Step]) -> Iterator[Step]:
        waiting: list[Step] = []
        for step in steps:
            overtakes = step.name == "message_complete" and "\n" in step.data["content"]
            yield from [step, *waiting] if overtakes else waiting
            waiting = [] if overtakes else [step]
        yield from waiting

    seams.steps(hasty)
