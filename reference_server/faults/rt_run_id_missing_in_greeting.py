"""The second user's greeting names the session, but no run."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("RT-1",)


def plant(seams: Seams) -> None:
    """Greet from a template that was only filled in for the first user."""

    def unmarked(event: Event, connection: HTTPConnection) -> Event:
        if event.name != "connection_established" or seams.user_number(connection) < 2:
            return event
        return replace(event, data={name: value for name, value in event.data.items() if name != "runId"})

    seams.events("rt", unmarked)
