"""The connection event is a named one, which EventSource's onmessage never sees."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("SSE-6",)
CAUSES = {"SSE-6": "named"}


def plant(seams: Seams) -> None:
    """Give the first event a name."""

    def named(event: Event, _: HTTPConnection) -> Event:
        return replace(event, name="connection") if event.number == 1 else event

    seams.events("sse", named)
