"""The snapshot of the messages lacks the answer, which disappears from the screen."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("AGUI-8",)


def plant(seams: Seams) -> None:
    """Take it before the answer is stored."""

    def early(event: Event, _: HTTPConnection) -> Event:
        if event.data["type"] != "MESSAGES_SNAPSHOT":
            return event
        return event.changed(messages=event.data["messages"][:-1])

    seams.events("agui", early)
