"""A message of more than 100 characters loses the piece that crosses them; its content is whole."""

from __future__ import annotations

from collections.abc import Iterator

from pulsegate.reference_server.run_script import Step
from pulsegate.reference_server.tampering import Seams

BREAKS = ("RT-4",)

LIMIT = 100


def plant(seams: Seams) -> None:
    """Flush a full buffer and forget what did not fit."""

    def lossy(steps: Iterator[Step]) -> Iterator[Step]:
        sent = 0
        for step in steps:
            before, sent = sent, sent + len(step.data.get("delta", ""))
            if not before <= LIMIT < sent:
                yield step
            if step.name == "message_complete":
                sent = 0

    seams.steps(lossy)
