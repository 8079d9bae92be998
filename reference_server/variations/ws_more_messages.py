"""The server sends messages of its own at any time: heartbeats, presence, and types nobody knows."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

from starlette.requests import HTTPConnection

from pulsegate.reference_server.envelopes import envelope
from pulsegate.reference_server.tampering import Seams

PRESENCE = {"status": "running", "connectionId": "conn-0", "members": ["Zoë", None]}


def plant(seams: Seams) -> None:
    """Add one message of its own to every third."""
    sent = count()

    def more(message: dict[str, Any], _: HTTPConnection) -> Iterator[dict[str, Any]]:
        number = next(sent)
        yield message
        if number % 3 == 0:
            yield envelope("heartbeat", {})
        elif number % 3 == 1:
            yield envelope("presence", PRESENCE)

    seams.outgoing(more)
