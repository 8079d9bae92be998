"""An emoji in a message's account name is lost from its piece, but not from the content."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pulsegate.reference_server.run_script import Step
from pulsegate.reference_server.tampering import Seams

BREAKS = ("RT-4",)
CAUSES = {"RT-4": "differs"}


def plant(seams: Seams) -> None:
    """Filter what the database's three-byte UTF-8 cannot hold."""

    def filtered(steps: Iterator[Step]) -> Iterator[Step]:
        for step in steps:
            delta = step.data.get("delta", "")
            narrow = delta.replace("🙂", "")
            yield step if narrow == delta else replace(step, data={**step.data, "delta": narrow})

    seams.steps(filtered)
