"""From the third heartbeat on, a known user is called anonymous."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("SSE-12",)


def plant(seams: Seams) -> None:
    """Clear the flag in later heartbeats."""

    def anonymous(event: Event, _: HTTPConnection) -> Event:
        if event.number < 4 or event.data["type"] != "heartbeat":
            return event
        return event.changed(data={**event.data["data"], "authenticated": False})

    seams.events("sse", anonymous)
