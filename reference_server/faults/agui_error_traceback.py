"""RUN_ERROR shows the traceback."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("AGUI-10",)


TRACEBACK = 'Traceback (most recent call last):\n  File "/srv/agent/graph.py", line 42, in run\nKeyError: "model"'


def plant(seams: Seams) -> None:
    """Send the text of the exception."""

    def shown(event: Event, _: HTTPConnection) -> Event:
        if event.data["type"] == "RUN_ERROR":
            return event.changed(message=TRACEBACK)
        return event

    seams.events("agui", shown)
