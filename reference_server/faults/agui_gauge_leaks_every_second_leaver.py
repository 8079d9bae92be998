"""Every second run whose client left is counted as open for ever."""

from __future__ import annotations

from itertools import count

from pulsegate.reference_server.tampering import Seams

BREAKS = ("AGUI-16",)


def plant(seams: Seams) -> None:
    """Forget to count down on one of two ways out."""
    leavers = count(1)

    def forget() -> None:
        if next(leavers) % 2 == 0:
            seams.services.metrics.count_open("agui", 1)

    seams.when_left("agui", forget)
