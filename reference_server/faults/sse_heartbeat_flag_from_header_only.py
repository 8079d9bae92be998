"""Heartbeats call a user anonymous whose token stands in the query."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("SSE-12",)


def plant(seams: Seams) -> None:
    """Look at the header again for each heartbeat."""

    def by_header(event: Event, connection: HTTPConnection) -> Event:
        if event.data["type"] != "heartbeat" or "token" not in connection.query_params:
            return event
        return event.changed(data={**event.data["data"], "authenticated": False})

    seams.events("sse", by_header)
