"""The stream of a run that fails just ends."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("AGUI-10",)


def plant(seams: Seams) -> None:
    """Let the exception end the generator."""

    def unsaid(event: Event, _: HTTPConnection) -> Event | None:
        return None if event.data["type"] == "RUN_ERROR" else event

    seams.events("agui", unsaid)
