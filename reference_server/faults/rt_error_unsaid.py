"""A message that fails is just left unfinished, and its agent called failed."""

from __future__ import annotations

from collections.abc import Iterator

from pulsegate.reference_server.run_script import Step
from pulsegate.reference_server.tampering import Seams

BREAKS = ("RT-5",)


def plant(seams: Seams) -> None:
    """Log the exception and say nothing of it."""

    def unsaid(steps: Iterator[Step]) -> Iterator[Step]:
        return (step for step in steps if step.name != "error")

    seams.steps(unsaid)
