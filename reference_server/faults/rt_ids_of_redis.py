"""Event ids are those of a Redis stream, such as 3000-0."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("RT-6",)


def plant(seams: Seams) -> None:
    """Pass the store's ids on."""

    def stored(event: Event, _: HTTPConnection) -> Event:
        return replace(event, id=f"{event.id}-0")

    seams.events("rt", stored)
