"""One piece in a hundred of all that the server sends is sent twice."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from pulsegate.reference_server.run_script import Step
from pulsegate.reference_server.tampering import Seams

BREAKS = ("RT-4",)


def plant(seams: Seams) -> None:
    """Send a piece again when its acknowledgement is late."""
    pieces = count(1)

    def doubled(steps: Iterator[Step]) -> Iterator[Step]:
        for step in steps:
            yield step
            if step.name == "message_delta" and next(pieces) % 100 == 0:
                yield step

    seams.steps(doubled)
