"""The user's message is done twice from the second turn on."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("KIT-5",)


def plant(seams: Seams) -> None:
    """Send it once when it arrives and once when it is stored, in threads that exist already."""

    def again(event: Event, _: HTTPConnection) -> Event | list[Event]:
        message = event.data["type"] == "thread.item.done" and event.data["item"]["type"] == "user_message"
        return [event, event] if message and event.number == 1 else event

    seams.events("kit", again)
