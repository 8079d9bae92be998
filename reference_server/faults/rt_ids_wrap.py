"""Late in a run ids start again from the beginning."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("RT-6",)


def plant(seams: Seams) -> None:
    """Number events in a signed integer of 16 bits."""

    def wrapped(event: Event, _: HTTPConnection) -> Event:
        return replace(event, id=str(int(event.id or 0) % 2**15))

    seams.events("rt", wrapped)
