"""The greeting of a fresh stream comes after the first event of the run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("RT-1",)


def plant(seams: Seams) -> None:
    """Start the run before greeting, so that its first event wins the race; both keep their places' ids."""
    greetings: dict[HTTPConnection, Event] = {}

    def late(event: Event, connection: HTTPConnection) -> Iterable[Event]:
        if "last-event-id" in connection.headers:
            return [event]
        if event.number == 1:
            greetings[connection] = event
            return []
        if event.number == 2:
            greeting = greetings.pop(connection)
            return [event, replace(greeting, id=str(int(event.id or "0") + 1))]
        return [event]

    seams.events("rt", late)
