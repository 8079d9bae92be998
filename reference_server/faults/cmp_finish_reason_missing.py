"""Streamed answers end without a finish reason."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("CMP-4", "CMP-13")


def plant(seams: Seams) -> None:
    """Stop when the words are out, and send [DONE]."""

    def unfinished(event: Event, _: HTTPConnection) -> Event | None:
        if not isinstance(event.data, str) and event.data["choices"][0]["finish_reason"]:
            return None
        return event

    seams.events("cmp", unfinished)
