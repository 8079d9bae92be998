"""A session id of more than 36 characters, the width of a UUID column, comes back cut."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("RT-1",)


UUID_LENGTH = 36


def plant(seams: Seams) -> None:
    """Cut the name in every event; sessions are still found by the whole of it."""

    def cut(event: Event, _: HTTPConnection) -> Event:
        return event.changed(sessionId=event.data["sessionId"][:UUID_LENGTH])

    seams.events("rt", cut)
