"""A caller without a token is called authenticated."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("SSE-7", "SSE-10")
CAUSES = {"SSE-10": "everyone"}


def plant(seams: Seams) -> None:
    """Confuse being connected with being signed in."""

    def signed_in(event: Event, _: HTTPConnection) -> Event:
        return (
            event.changed(data={**event.data["data"], "authenticated": True})
            if event.data["type"] != "error"
            else event
        )

    seams.events("sse", signed_in)
