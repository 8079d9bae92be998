"""A flood of messages is passed on whole."""

from __future__ import annotations

import math

from pulsegate.reference_server.routers import ws
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-10",)


def plant(seams: Seams) -> None:
    """Fill every bucket without end."""
    seams.replace(ws, "TokenBucket", lambda original: lambda _, per_s, now: original(math.inf, per_s, now))
