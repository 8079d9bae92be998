"""Heartbeats say "now" for a timestamp, and sockets tell the time as a number."""

from __future__ import annotations

import time

from pulsegate.reference_server import envelopes, heartbeats
from pulsegate.reference_server.tampering import Seams


def plant(seams: Seams) -> None:
    """Leave the time out of heartbeats, and count milliseconds elsewhere."""
    seams.replace(heartbeats, "rfc3339_now", lambda _: lambda: "now")
    seams.replace(envelopes, "rfc3339_now", lambda _: lambda: time.time() * 1000)
