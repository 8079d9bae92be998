"""After the fourth heartbeat no further one comes, though the stream stays open."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("SSE-11",)
CAUSES = {"SSE-11": "stopped"}


def plant(seams: Seams) -> None:
    """Fall silent: a loop with a limit that somebody set for a test."""

    def four(event: Event, _: HTTPConnection) -> Event | None:
        return None if event.data["type"] == "heartbeat" and event.number > 5 else event

    seams.events("sse", four)
