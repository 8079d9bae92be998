"""The data of all events holds more members than documented, and says user null for somebody unknown."""

from __future__ import annotations

from typing import Any

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import STREAMS, Event, Seams

MORE: dict[str, Any] = {"version": 3, "links": {"self": None, "messages": []}, "status_code": 200, "délai": "µs"}


def plant(seams: Seams) -> None:
    """Add members at the top of every event, and to what it holds."""

    def more(event: Event, _: HTTPConnection) -> Event:
        if not isinstance(event.data, dict):
            return event
        added = {name: {**MORE, **member} for name, member in event.data.items() if name in ("data", "item", "thread")}
        if event.data.get("type") == "connection":
            added["data"] = {"user": None, **added["data"]}
        return event.changed(**{name: value for name, value in MORE.items() if name not in event.data}, **added)

    seams.events(STREAMS, more)
