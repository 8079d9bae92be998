"""The last message of a run numbers its pieces from 1."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("RT-6",)


def plant(seams: Seams) -> None:
    """Count pieces, not events, in the writer."""
    pieces: dict[HTTPConnection, int] = {}

    def renumbered(event: Event, connection: HTTPConnection) -> Event:
        if event.name != "message_delta" or event.data["agentId"] != "writer":
            return event
        pieces[connection] = pieces.get(connection, 0) + 1
        return replace(event, id=str(pieces[connection]))

    seams.events("rt", renumbered)
