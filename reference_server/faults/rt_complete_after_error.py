"""A message that failed is completed all the same, with what there was of it."""

from __future__ import annotations

from collections.abc import Iterator

from pulsegate.reference_server.run_script import Step
from pulsegate.reference_server.tampering import Seams

BREAKS = ("RT-5",)


def plant(seams: Seams) -> None:
    """Complete the message in a finally block."""

    def completed(steps: Iterator[Step]) -> Iterator[Step]:
        pieces: list[str] = []
        for step in steps:
            yield step
            if step.name == "message_delta":
                pieces.append(step.data["delta"])
            elif step.name == "message_complete":
                pieces.clear()
            elif step.name == "error":
                yield Step("message_complete", {"messageId": step.data["messageId"], "content": "".join(pieces)})

    seams.steps(completed)
