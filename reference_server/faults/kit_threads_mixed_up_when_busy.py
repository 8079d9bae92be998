"""While several threads are answered at once, answers carry the id of the latest."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("KIT-5",)


def plant(seams: Seams) -> None:
    """Keep the thread that is being answered in a variable of the module."""
    current: dict[str, str] = {}

    def mixed_up(event: Event, _: HTTPConnection) -> Event:
        if event.data["type"] == "thread.created":
            current["id"] = event.data["thread"]["id"]
        item = event.data.get("item", {})
        if item.get("type") != "assistant_message" or not current:
            return event
        return event.changed(item={**item, "thread_id": current["id"]})

    seams.events("kit", mixed_up)
