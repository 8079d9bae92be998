"""Reasoning is never ended."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("AGUI-9",)


def plant(seams: Seams) -> None:
    """Wait for an end that the provider does not send."""

    def unended(event: Event, _: HTTPConnection) -> Event | None:
        return None if event.data["type"] == "REASONING_END" else event

    seams.events("agui", unended)
