"""From the second turn on an answer is streamed and never done."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("KIT-5",)


def plant(seams: Seams) -> None:
    """Leave the last event out of streams that continue a thread."""

    def unfinished(event: Event, request: HTTPConnection) -> Event | None:
        if event.data["type"] == "thread.created":
            request.state.new = True
        done = event.data["type"] == "thread.item.done" and event.data["item"]["type"] == "assistant_message"
        return None if done and not hasattr(request.state, "new") else event

    seams.events("kit", unfinished)
