"""A shutdown closes the first client of each session properly, and cuts the others off."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server import rooms
from pulsegate.reference_server.protocols import WebSocketProtocol
from pulsegate.reference_server.rooms import Rooms
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-13",)


def plant(seams: Seams) -> None:
    """Stop after one close of a session, as a loop over a changing set does."""

    def interrupted(_: Any) -> Any:
        def close_all(self: Rooms) -> None:
            for room in tuple(self._rooms.values()):
                next(iter(room)).outbox.close(*rooms.GOING_DOWN)

        return close_all

    seams.replace(Rooms, "close_all", interrupted)
    seams.replace(WebSocketProtocol, "shutdown", lambda _: lambda protocol: protocol.transport.abort())
