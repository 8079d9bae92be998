"""A completed message has the id of its last piece."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import HTTPConnection

from pulsegate.reference_server.runs import ID_STEP
from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("RT-6",)
CAUSES = {"RT-6": "ids"}


def plant(seams: Seams) -> None:
    """Count ids when a piece is stored, and messages with their pieces."""

    def doubled(event: Event, _: HTTPConnection) -> Event:
        return replace(event, id=str(int(event.id or 0) - ID_STEP)) if event.name == "message_complete" else event

    seams.events("rt", doubled)
