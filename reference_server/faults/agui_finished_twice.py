"""RUN_FINISHED comes twice."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("AGUI-3",)


def plant(seams: Seams) -> None:
    """Finish in the framework and in one's own code."""

    def doubled(event: Event, _: HTTPConnection) -> list[Event]:
        return [event, event] if event.data["type"] == "RUN_FINISHED" else [event]

    seams.events("agui", doubled)
