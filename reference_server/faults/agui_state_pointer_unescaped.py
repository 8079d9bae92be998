"""A slash in a name is not escaped in the paths of state changes."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("AGUI-7",)


def plant(seams: Seams) -> None:
    """Join the names with slashes."""

    def joined(event: Event, _: HTTPConnection) -> Event:
        if event.data["type"] != "STATE_DELTA":
            return event
        return event.changed(delta=[{**one, "path": one["path"].replace("~1", "/")} for one in event.data["delta"]])

    seams.events("agui", joined)
