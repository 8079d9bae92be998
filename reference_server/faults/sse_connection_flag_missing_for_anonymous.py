"""The connection event of an anonymous caller leaves authenticated out, because it is false."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("SSE-6", "SSE-7")


def plant(seams: Seams) -> None:
    """Drop what is falsy before sending."""

    def sparse(event: Event, _: HTTPConnection) -> Event:
        if event.data["type"] != "connection":
            return event
        return event.changed(data={name: value for name, value in event.data["data"].items() if value})

    seams.events("sse", sparse)
