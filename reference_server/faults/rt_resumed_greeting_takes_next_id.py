"""The greeting of a resumed stream has the next event's id: a client that is cut again loses that event."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import HTTPConnection

from pulsegate.reference_server.runs import ID_STEP
from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("RT-6",)


def plant(seams: Seams) -> None:
    """Number the greeting with the run's own counter."""

    def numbered(event: Event, connection: HTTPConnection) -> Event:
        if event.name != "connection_established" or "last-event-id" not in connection.headers:
            return event
        return replace(event, id=str((int(event.id or 0) // ID_STEP + 1) * ID_STEP))

    seams.events("rt", numbered)
