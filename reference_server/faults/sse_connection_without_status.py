"""The connection event says who is authenticated, but has no status."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("SSE-6",)


def plant(seams: Seams) -> None:
    """Leave data.status out."""

    def without_status(event: Event, _: HTTPConnection) -> Event:
        if event.data["type"] != "connection":
            return event
        return event.changed(data={name: value for name, value in event.data["data"].items() if name != "status"})

    seams.events("sse", without_status)
