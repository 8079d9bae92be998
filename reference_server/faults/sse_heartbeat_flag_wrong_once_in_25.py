"""One heartbeat in 25 to a signed-in user says anonymous."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("SSE-12",)


def plant(seams: Seams) -> None:
    """Fail to renew the session now and then."""
    sent = 0

    def wavering(event: Event, _: HTTPConnection) -> Event:
        nonlocal sent
        if event.data["type"] != "heartbeat" or not event.data["data"]["authenticated"]:
            return event
        sent += 1
        return event.changed(data={**event.data["data"], "authenticated": sent % 25 != 0})

    seams.events("sse", wavering)
