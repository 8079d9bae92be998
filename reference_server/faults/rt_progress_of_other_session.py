"""A user with two sessions sees one progress report of the other among the events of this one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("RT-8",)
CAUSES = {"RT-8": "mixed"}


def plant(seams: Seams) -> None:
    """Publish the start of a run on the user's own channel, which every session of theirs reads."""
    latest: dict[int, Event] = {}

    def mixed(event: Event, connection: HTTPConnection) -> Iterable[Event]:
        if event.name != "execution_progress" or "last-event-id" in connection.headers:
            return [event]
        user = seams.user_number(connection)
        other = latest.get(user, event)
        latest[user] = event
        if other.data["sessionId"] == event.data["sessionId"]:
            return [event]
        return [event, replace(other, id=str(int(event.id or 0) + 1))]

    seams.events("rt", mixed)
