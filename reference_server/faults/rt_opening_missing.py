"""A stream of a run starts with an agent's status: nothing says that it is connected."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("RT-1",)


def plant(seams: Seams) -> None:
    """Leave the greeting out, as a server does that only subscribes to the run."""

    def silent(event: Event, _: HTTPConnection) -> Event | None:
        return None if event.name == "connection_established" else event

    seams.events("rt", silent)
