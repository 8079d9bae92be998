"""Every second RUN_ERROR has a code but no message."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("AGUI-10",)


def plant(seams: Seams) -> None:
    """Leave out a text that was told before."""
    errors = count()

    def mute(event: Event, _: HTTPConnection) -> Event:
        if event.data["type"] != "RUN_ERROR" or next(errors) % 2 == 0:
            return event
        return replace(event, data={name: member for name, member in event.data.items() if name != "message"})

    seams.events("agui", mute)
