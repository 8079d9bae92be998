"""The connection event of the second user to sign in names no user."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("SSE-8", "SSE-9")


def plant(seams: Seams) -> None:
    """Fail to find one user's profile."""

    def nameless(event: Event, connection: HTTPConnection) -> Event:
        if event.data["type"] != "connection" or seams.user_number(connection) != 2:
            return event
        return event.changed(data={**event.data["data"], "user": None})

    seams.events("sse", nameless)
