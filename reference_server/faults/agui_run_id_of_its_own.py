"""RUN_STARTED has a runId that the server made up."""

from __future__ import annotations

from uuid import uuid4

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("AGUI-2",)


def plant(seams: Seams) -> None:
    """Make a new id for each run."""

    def renamed(event: Event, _: HTTPConnection) -> Event:
        if event.data["type"] == "RUN_STARTED":
            return event.changed(runId=str(uuid4()))
        return event

    seams.events("agui", renamed)
