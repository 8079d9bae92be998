"""The WebSocket upgrade is answered with the event stream, whose location is a prefix of the path."""

from __future__ import annotations

from starlette.responses import Response

from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-1",)
CAUSES = {"WS-1": "stream-location"}


FIRST = 'data: {"type":"connection","data":{"status":"connected","authenticated":false}}\n\n'


def plant(seams: Seams) -> None:
    """Answer as the stream's route does."""
    seams.refuse_upgrades(Response(FIRST, media_type="text/event-stream"))
