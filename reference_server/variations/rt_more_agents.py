"""Runs have an agent that stays idle, agents repeat their statuses, and events have more members."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pulsegate.reference_server.run_script import Step
from pulsegate.reference_server.tampering import Seams


def plant(seams: Seams) -> None:
    """Say every status twice, and progress as a fraction with either a message or a task."""

    def more(steps: Iterator[Step]) -> Iterator[Step]:
        for number, step in enumerate(steps):
            if step.name == "agent_update":
                yield step
                yield replace(step, data={**step.data, "currentTask": "Größe prüfen", "progress": None})
                yield Step("agent_update", {"agentId": "observer", "status": "idle", "progress": 0})
            elif step.name == "execution_progress":
                kept = "message" if number % 2 else "currentTask"
                said = {"progress": float(step.data["progress"]), kept: step.data[kept]}
                yield from (Step(step.name, {**said, "estimatedSeconds": left}) for left in (2.5, None))
            elif step.name == "message_complete":
                yield Step(step.name, {**step.data, "delta": "", "usage": {"tokens": 7}, "error": None})
            else:
                yield step

    seams.steps(more)
