"""The connection event comes, and then nothing for as long as the stream is open."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("SSE-11",)
CAUSES = {"SSE-11": "no-heartbeat"}


def plant(seams: Seams) -> None:
    """Send no heartbeat."""

    def silent(event: Event, _: HTTPConnection) -> Event | None:
        return None if event.data["type"] == "heartbeat" else event

    seams.events("sse", silent)
