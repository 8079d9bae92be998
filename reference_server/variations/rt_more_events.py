"""Runs have events of other names among the documented ones, and comments that look like events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams


def plant(seams: Seams) -> None:
    """Tell of presence after every fifth event, and of the cost after every message."""

    def among(event: Event, _: HTTPConnection) -> Iterable[Event]:
        yield event
        whose = {name: event.data[name] for name in ("sessionId", "runId")}
        later = str(int(event.id or 0) + 500)
        if event.number % 5 == 3:
            yield replace(event, name="presence", id=later, data={"status": "running", "agentId": "nobody", **whose})
        elif event.name == "message_complete":
            cost = {**whose, "type": "usage", "messageId": event.data["messageId"], "delta": 7, "progress": 1}
            yield replace(event, name=None, id=later, data=cost)

    seams.events("rt", among)
    seams.rewrite("rt", lambda frame: b": event: error\n" + frame)
