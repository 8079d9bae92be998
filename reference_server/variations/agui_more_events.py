"""Runs hold CUSTOM, RAW and unknown events, empty pieces, time stamps, members of their own, and comments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

STAMP = 1_763_600_000_000
ADDED: tuple[dict[str, Any], ...] = (
    {"type": "CUSTOM", "name": "progress", "value": None},
    {"type": "RAW", "event": {"type": "RUN_FINISHED"}, "source": "provider"},
    {"type": "META_EVENT", "name": "legacy"},
    {"type": "VENDOR_NOTE", "messageId": 7, "delta": None},
)


def plant(seams: Seams) -> None:
    """Add something behind every event but the last, and inside of texts."""

    def more(event: Event, _: HTTPConnection) -> Iterator[Event]:
        yield event.changed(timestamp=STAMP + event.number, metadata={"trace": "é"}, vendorNote=[None])
        kind = event.data["type"]
        if kind == "TEXT_MESSAGE_CONTENT":
            yield event.changed(delta="")
        if kind not in ("RUN_FINISHED", "RUN_ERROR"):
            yield Event(ADDED[event.number % len(ADDED)])

    seams.events("agui", more)
    seams.rewrite("agui", lambda frame: b": ping\n\n" + frame + b":\n\n")
