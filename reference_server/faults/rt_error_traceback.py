"""The second user is shown the traceback of a failed message."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("RT-5",)

TRACEBACK = """Traceback (most recent call last):
  File "/app/agents/researcher.py", line 88, in answer
    return notes[0]
IndexError: list index out of range"""


def plant(seams: Seams) -> None:
    """Send that user, who has the debug flag, the exception as it was logged."""

    def verbose(event: Event, connection: HTTPConnection) -> Event:
        shown = event.name == "error" and seams.user_number(connection) > 1
        return event.changed(message=TRACEBACK) if shown else event

    seams.events("rt", verbose)
