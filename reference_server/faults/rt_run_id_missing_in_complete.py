"""Completed messages do not say which run they belong to."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("RT-1",)


def plant(seams: Seams) -> None:
    """Build that event by hand, without the member."""

    def unmarked(event: Event, _: HTTPConnection) -> Event:
        if event.name != "message_complete":
            return event
        return replace(event, data={name: value for name, value in event.data.items() if name != "runId"})

    seams.events("rt", unmarked)
