"""A protocol ping is not answered."""

from __future__ import annotations

from pulsegate.reference_server.protocols import WebSocketProtocol
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-9",)


def plant(seams: Seams) -> None:
    """Throw the pong away."""
    seams.replace(WebSocketProtocol, "handle_ping", lambda _: lambda protocol: protocol.conn.data_to_send())
