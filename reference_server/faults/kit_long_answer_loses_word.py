"""Of a long answer one word is lost on the way."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("KIT-5",)
CAUSES = {"KIT-5": "adds-up"}


def plant(seams: Seams) -> None:
    """Drop the sixtieth event of a stream, as a bounded queue does that overflows."""

    def dropped(event: Event, _: HTTPConnection) -> Event | None:
        return None if event.number == 60 and event.data["type"] == "thread.item.updated" else event

    seams.events("kit", dropped)
