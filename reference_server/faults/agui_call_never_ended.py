"""Tool calls are never ended."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("AGUI-5",)


def plant(seams: Seams) -> None:
    """Wait for a marker that the provider does not send."""

    def unended(event: Event, _: HTTPConnection) -> Event | None:
        return None if event.data["type"] == "TOOL_CALL_END" else event

    seams.events("agui", unended)
