"""One message of a run never gets its message_complete."""

from __future__ import annotations

from collections.abc import Iterator

from pulsegate.reference_server.run_script import Step
from pulsegate.reference_server.tampering import Seams

BREAKS = ("RT-4",)
CAUSES = {"RT-4": "incomplete"}


def plant(seams: Seams) -> None:
    """Complete messages on their agent's last status only, which the planner's first is not."""

    def incomplete(steps: Iterator[Step]) -> Iterator[Step]:
        return (step for step in steps if not (step.name == "message_complete" and step.data["agentId"] == "planner"))

    seams.steps(incomplete)
