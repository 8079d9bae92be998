"""The last word of an answer comes after the answer is done."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("KIT-5",)


def plant(seams: Seams) -> None:
    """Send tokens from a queue of their own, always one behind."""

    def behind(event: Event, request: HTTPConnection) -> list[Event]:
        held = getattr(request.state, "held", [])
        if event.data.get("update", {}).get("type", "").endswith("text_delta"):
            request.state.held = [event]
            return list(held)
        if event.data["type"] == "thread.item.done":
            request.state.held = []
            return [event, *held]
        return [event]

    seams.events("kit", behind)
