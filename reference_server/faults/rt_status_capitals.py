"""For the second user only, a running agent is Running."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("RT-2",)


def plant(seams: Seams) -> None:
    """Send that user's statuses as another version of the enumeration prints them."""

    def capitals(event: Event, connection: HTTPConnection) -> Event:
        running = event.name == "agent_update" and event.data["status"] == "running"
        return event.changed(status="Running") if running and seams.user_number(connection) > 1 else event

    seams.events("rt", capitals)
