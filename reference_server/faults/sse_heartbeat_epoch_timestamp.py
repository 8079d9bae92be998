"""One heartbeat in seven tells the time as a number."""

from __future__ import annotations

import time

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("SSE-11",)


def plant(seams: Seams) -> None:
    """Take some heartbeats from another helper."""

    def epoch(event: Event, _: HTTPConnection) -> Event:
        if event.data["type"] != "heartbeat" or event.number % 7:
            return event
        return event.changed(data={**event.data["data"], "timestamp": time.time()})

    seams.events("sse", epoch)
