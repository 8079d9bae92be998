"""The error event's message is a traceback."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("SSE-17",)

MESSAGE = (
    'Traceback (most recent call last):\n  File "/app/app/api/routers/copilotkit.py", line 88, in event_stream\n'
    "KeyError: 'session'"
)


def plant(seams: Seams) -> None:
    """Send format_exc() to the client."""

    def talkative(event: Event, _: HTTPConnection) -> Event:
        return event.changed(data={"message": MESSAGE}) if event.data["type"] == "error" else event

    seams.events("sse", talkative)
