"""The content of a message has its accents decomposed (NFD); its pieces have not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from unicodedata import normalize

from pulsegate.reference_server.run_script import Step
from pulsegate.reference_server.tampering import Seams

BREAKS = ("RT-4",)


def plant(seams: Seams) -> None:
    """Store the content as a file system does, and send what was stored."""

    def decomposed(steps: Iterator[Step]) -> Iterator[Step]:
        for step in steps:
            if step.name != "message_complete":
                yield step
            else:
                yield replace(step, data={**step.data, "content": normalize("NFD", step.data["content"])})

    seams.steps(decomposed)
