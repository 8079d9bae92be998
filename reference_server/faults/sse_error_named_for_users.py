"""The error event of a signed-in user is one named error, which EventSource takes for its own."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("SSE-13",)
CAUSES = {"SSE-13": "named"}


def plant(seams: Seams) -> None:
    """Name the event where the stream belongs to a user."""

    def named(event: Event, connection: HTTPConnection) -> Event:
        known = event.data["type"] == "error" and seams.user_number(connection)
        return replace(event, name="error") if known else event

    seams.events("sse", named)
