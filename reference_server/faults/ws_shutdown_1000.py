"""A shutdown closes WebSockets with 1000, so that clients do not reconnect."""

from __future__ import annotations

from pulsegate.reference_server import rooms
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-13",)


def plant(seams: Seams) -> None:
    """Close as if all had been said."""
    seams.replace(rooms, "GOING_DOWN", lambda _: (1000, "bye"))
