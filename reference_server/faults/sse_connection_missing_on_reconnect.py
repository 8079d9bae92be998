"""A client that reconnects with Last-Event-ID gets no connection event."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("SSE-6",)


def plant(seams: Seams) -> None:
    """Greet new clients only."""

    def once(event: Event, connection: HTTPConnection) -> Event | None:
        return None if event.number == 1 and "last-event-id" in connection.headers else event

    seams.events("sse", once)
