"""Every twentieth heartbeat of a connection is echoed twice."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from pulsegate.reference_server.rooms import Member
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-2",)


def plant(seams: Seams) -> None:
    """Answer again what seems not to have been answered."""
    beats: WeakKeyDictionary[Member, int] = WeakKeyDictionary()

    def repeated(message: dict[str, Any], members: list[Member]) -> Any:
        if message["type"] != "heartbeat":
            return [(message, members)]
        beats[members[0]] = beats.get(members[0], 0) + 1
        return [(message, members)] * (2 if beats[members[0]] % 20 == 0 else 1)

    seams.deliveries(repeated)
