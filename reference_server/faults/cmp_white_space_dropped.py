"""Streamed words come without the blanks between them."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("CMP-4",)
CAUSES = {"CMP-4": "white-space"}


def plant(seams: Seams) -> None:
    """Send what split() returns, and leave the blanks to the client."""

    def stripped(event: Event, _: HTTPConnection) -> Event:
        if isinstance(event.data, str):
            return event
        choice = event.data["choices"][0]
        delta = {name: text.strip() for name, text in choice["delta"].items()}
        return event.changed(choices=[{**choice, "delta": delta}])

    seams.events("cmp", stripped)
