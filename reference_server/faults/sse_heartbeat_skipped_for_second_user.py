"""The second user to sign in misses every sixth heartbeat."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("SSE-11",)


def plant(seams: Seams) -> None:
    """Lose a tick in one shard."""

    def skipping(event: Event, connection: HTTPConnection) -> Event | None:
        lost = event.data["type"] == "heartbeat" and event.number % 6 == 0 and seams.user_number(connection) == 2
        return None if lost else event

    seams.events("sse", skipping)
