"""The greeting has no event name, so that clients that listen for connection_established miss it."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("RT-1",)


def plant(seams: Seams) -> None:
    """Send the greeting as a plain message."""

    def unnamed(event: Event, _: HTTPConnection) -> Event:
        return replace(event, name=None) if event.name == "connection_established" else event

    seams.events("rt", unnamed)
