"""A protocol ping is answered with a pong that does not carry the ping's data."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.protocols import WebSocketProtocol
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-9",)


def plant(seams: Seams) -> None:
    """Send an empty pong."""

    def empty(original: Any) -> Any:
        def handle(protocol: WebSocketProtocol) -> None:
            protocol.conn.data_to_send()
            protocol.conn.send_pong(b"")
            original(protocol)

        return handle

    seams.replace(WebSocketProtocol, "handle_ping", empty)
