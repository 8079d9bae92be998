"""Heartbeats are taken as signs of life, and not echoed."""

from __future__ import annotations

from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-2",)


def plant(seams: Seams) -> None:
    """Deliver none."""
    seams.deliveries(lambda message, members: [(message, members)] if message["type"] != "heartbeat" else [])
