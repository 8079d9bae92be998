"""One stream in ten begins without its connection event."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("SSE-6",)


def plant(seams: Seams) -> None:
    """Lose the first event of every tenth stream: it was put into the queue before anyone listened."""
    opened = 0

    def lossy(event: Event, _: HTTPConnection) -> Event | None:
        nonlocal opened
        opened += event.number == 1
        return None if event.number == 1 and opened % 10 == 0 else event

    seams.events("sse", lossy)
