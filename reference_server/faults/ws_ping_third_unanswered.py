"""Every third protocol ping of a connection is not answered."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from pulsegate.reference_server.protocols import WebSocketProtocol
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-9",)


def plant(seams: Seams) -> None:
    """Throw a pong away now and then."""
    pings: WeakKeyDictionary[WebSocketProtocol, int] = WeakKeyDictionary()

    def forgetful(original: Any) -> Any:
        def handle(protocol: WebSocketProtocol) -> None:
            pings[protocol] = pings.get(protocol, 0) + 1
            if pings[protocol] % 3 == 0:
                protocol.conn.data_to_send()
            original(protocol)

        return handle

    seams.replace(WebSocketProtocol, "handle_ping", forgetful)
