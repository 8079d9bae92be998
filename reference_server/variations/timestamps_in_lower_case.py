"""Timestamps are written with small t and z, without fractions of a second."""

from __future__ import annotations

from datetime import UTC, datetime

from pulsegate.reference_server import envelopes, heartbeats
from pulsegate.reference_server.tampering import Seams


def plant(seams: Seams) -> None:
    """Write the time as RFC 3339, section 5.6, also allows."""
    for module in (heartbeats, envelopes):
        seams.replace(module, "rfc3339_now", lambda _: lambda: f"{datetime.now(UTC):%Y-%m-%dt%H:%M:%Sz}")
