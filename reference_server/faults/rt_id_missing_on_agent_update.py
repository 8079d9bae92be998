"""Agent updates carry no id."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("RT-6",)


def plant(seams: Seams) -> None:
    """Number only what is stored."""

    def unnumbered(event: Event, _: HTTPConnection) -> Event:
        return replace(event, id=None) if event.name == "agent_update" else event

    seams.events("rt", unnumbered)
