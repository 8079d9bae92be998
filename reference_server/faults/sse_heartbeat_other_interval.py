"""Heartbeats come steadily, but at half the documented interval."""

from __future__ import annotations

from pulsegate.reference_server.tampering import Seams

BREAKS = ("SSE-11",)
CAUSES = {"SSE-11": "other-interval"}


def plant(seams: Seams) -> None:
    """Shorten the interval because a proxy was impatient, and tell nobody."""
    seams.services.heartbeats.interval_s *= 0.5
