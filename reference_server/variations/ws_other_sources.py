"""The source of a message is always a connectionId, ids are numbers written as text, and the server has a name."""

from __future__ import annotations

from itertools import count
from typing import Any

from pulsegate.reference_server import envelopes, rooms
from pulsegate.reference_server.rooms import Member
from pulsegate.reference_server.tampering import Seams


def plant(seams: Seams) -> None:
    """Name the connection even where it chose an agentId."""
    numbers = count(10**12)
    seams.replace(Member, "name", lambda _: property(lambda member: member.connection_id))
    seams.replace(envelopes, "SERVER", lambda _: "gateway-ä/1")
    for module in (envelopes, rooms):
        seams.replace(module, "uuid4", lambda _: _next_of(numbers))


def _next_of(numbers: Any) -> Any:
    return lambda: next(numbers)
