"""Streams whose clients left are counted as open for ever."""

from __future__ import annotations

from pulsegate.reference_server.tampering import Seams

BREAKS = ("CMP-11",)
CAUSES = {"CMP-11": "goes-on"}


def plant(seams: Seams) -> None:
    """Decrease the gauge behind the loop, without finally."""
    seams.when_left("cmp", lambda: seams.services.metrics.count_open("cmp", 1))
