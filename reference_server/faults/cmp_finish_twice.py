"""Streamed answers give their finish reason twice."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("CMP-4",)


def plant(seams: Seams) -> None:
    """Finish once in the loop and once behind it."""

    def doubled(event: Event, _: HTTPConnection) -> list[Event]:
        finished = not isinstance(event.data, str) and event.data["choices"][0]["finish_reason"]
        return [event, event] if finished else [event]

    seams.events("cmp", doubled)
