"""A stream that fails just ends, without saying so."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("SSE-13",)
CAUSES = {"SSE-13": "no-event"}


def plant(seams: Seams) -> None:
    """Swallow the failure."""

    def swallowed(event: Event, _: HTTPConnection) -> Event | None:
        return None if event.data["type"] == "error" else event

    seams.events("sse", swallowed)
