"""Sequence numbers and emit times in what is sent, for harnesses that ask for them.

A client asks with the header ``X-Pulsegate-Stamp: 1`` or the query ``stamp=1``; every JSON object it is sent
then has a member ``"stamp": {"seq": <from 1, per stream>, "emitted_ns": <Unix time>}``.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from starlette.requests import HTTPConnection

HEADER = "X-Pulsegate-Stamp"


class Stamper:
    """Stamps the objects of one stream, in the order they are sent."""

    __slots__ = ("_sent", "enabled")

    def __init__(self, enabled: bool) -> None:
        self.enabled = enabled
        self._sent = 0

    def stamp(self, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """`data` with a ``stamp`` member, or as it is when the client did not ask; call it right before sending."""
        if not self.enabled:
            return data
        self._sent += 1
        return {**data, "stamp": {"seq": self._sent, "emitted_ns": time.time_ns()}}


def stamper_for(connection: HTTPConnection) -> Stamper:
    """A stamper for one request or WebSocket handshake."""
    return Stamper("1" in (connection.headers.get(HEADER), connection.query_params.get("stamp")))
