"""The last piece of a message ends with a space that its content has not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pulsegate.reference_server.run_script import Step
from pulsegate.reference_server.tampering import Seams

BREAKS = ("RT-4",)


def plant(seams: Seams) -> None:
    """Put a space behind every word, and strip the whole."""

    def spaced(steps: Iterator[Step]) -> Iterator[Step]:
        waiting: Step | None = None
        for step in steps:
            if waiting is not None:
                last = step.name == "message_complete"
                yield replace(waiting, data={**waiting.data, "delta": waiting.data["delta"] + " "}) if last else waiting
            waiting = step if step.name == "message_delta" else None
            if waiting is None:
                yield step

    seams.steps(spaced)
