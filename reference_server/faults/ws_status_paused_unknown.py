"""The status paused, which came later than the others, is refused."""

from __future__ import annotations

from pulsegate.reference_server import envelopes
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-5",)


def plant(seams: Seams) -> None:
    """Keep the old list."""
    seams.replace(envelopes, "STATUSES", lambda statuses: tuple(one for one in statuses if one != "paused"))
