"""The last chunk has null in the place of its empty delta, which the official client cannot read."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("CMP-12",)


def plant(seams: Seams) -> None:
    """Write None for a delta that holds nothing."""

    def null(event: Event, _: HTTPConnection) -> Event:
        if isinstance(event.data, str) or event.data["choices"][0]["delta"]:
            return event
        return event.changed(choices=[{**event.data["choices"][0], "delta": None}])

    seams.events("cmp", null)
