"""The error event has a code, and no message."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("SSE-13",)


def plant(seams: Seams) -> None:
    """Send a number for a sentence."""

    def coded(event: Event, _: HTTPConnection) -> Event:
        return event.changed(data={"code": 1500}) if event.data["type"] == "error" else event

    seams.events("sse", coded)
