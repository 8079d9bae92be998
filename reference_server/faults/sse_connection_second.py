"""A heartbeat precedes the connection event."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.heartbeats import rfc3339_now
from pulsegate.reference_server.routers import sse
from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("SSE-6",)


def plant(seams: Seams) -> None:
    """Beat before greeting."""

    def beat_first(event: Event, _: HTTPConnection) -> list[Event]:
        if event.number > 1:
            return [event]
        return [Event(sse.heartbeat(rfc3339_now(), event.data["data"]["authenticated"])), event]

    seams.events("sse", beat_first)
