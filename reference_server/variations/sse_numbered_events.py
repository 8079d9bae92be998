"""Events of the connection stream carry ids and a type of their own name is left out; a hint repeats."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams


def plant(seams: Seams) -> None:
    """Number the events from a large number on, and call each a message."""

    def numbered(event: Event, _: HTTPConnection) -> Event:
        return replace(event, id=f"e-{10**18 + event.number}", name="message")

    seams.events("sse", numbered)
    seams.rewrite("sse", lambda frame: b"retry: 3000\n" + frame)
