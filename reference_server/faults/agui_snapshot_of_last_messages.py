"""The snapshot holds the last five messages only."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("AGUI-8",)


WINDOW = 5


def plant(seams: Seams) -> None:
    """Limit the window of the history."""

    def limited(event: Event, _: HTTPConnection) -> Event:
        if event.data["type"] != "MESSAGES_SNAPSHOT":
            return event
        return event.changed(messages=event.data["messages"][-WINDOW:])

    seams.events("agui", limited)
