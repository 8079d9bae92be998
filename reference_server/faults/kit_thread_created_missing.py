"""A new thread is never announced."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("KIT-5",)


def plant(seams: Seams) -> None:
    """Leave thread.created out."""

    def silent(event: Event, _: HTTPConnection) -> Event | None:
        return None if event.data["type"] == "thread.created" else event

    seams.events("kit", silent)
