"""A heartbeat's timestamp has no offset."""

from __future__ import annotations

from datetime import UTC, datetime

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("SSE-11",)


def plant(seams: Seams) -> None:
    """Write the time as ``utcnow().isoformat()`` does."""

    def naive(event: Event, _: HTTPConnection) -> Event:
        if event.data["type"] != "heartbeat":
            return event
        now = datetime.now(UTC).replace(tzinfo=None)
        return event.changed(data={**event.data["data"], "timestamp": now.isoformat()})

    seams.events("sse", naive)
