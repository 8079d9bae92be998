"""Timestamps carry an offset east of Greenwich and nine digits after the second."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from pulsegate.reference_server import envelopes, heartbeats
from pulsegate.reference_server.tampering import Seams

KATHMANDU = timezone(timedelta(hours=5, minutes=45))


def plant(seams: Seams) -> None:
    """Tell the time of another place."""
    for module in (heartbeats, envelopes):
        seams.replace(module, "rfc3339_now", lambda _: _there)


def _there() -> str:
    now = datetime.now(KATHMANDU)
    return f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond:06}789+05:45"
