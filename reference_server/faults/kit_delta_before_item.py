"""The first word of an answer comes before the answer is announced."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("KIT-5",)
CAUSES = {"KIT-5": "order"}


def plant(seams: Seams) -> None:
    """Announce the item when the first token has already been sent on."""

    def late(event: Event, request: HTTPConnection) -> list[Event]:
        held = getattr(request.state, "held", [])
        if event.data["type"] == "thread.item.added" or (held and len(held) < 2):
            request.state.held = [*held, event]
            return []
        request.state.held = []
        return [event, *held]

    seams.events("kit", late)
