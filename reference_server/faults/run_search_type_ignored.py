"""searchEvents does not filter by eventType."""

from __future__ import annotations

from pulsegate.reference_server.store import events
from pulsegate.reference_server.tampering import Seams

BREAKS = ("RUN-4",)


def plant(seams: Seams) -> None:
    """Search by the query alone."""
    seams.replace(events, "search", lambda original: lambda session, query, _: original(session, query, None))
