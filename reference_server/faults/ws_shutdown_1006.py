"""A shutdown cuts WebSockets off without a close frame."""

from __future__ import annotations

from pulsegate.reference_server.protocols import WebSocketProtocol
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-13",)


def plant(seams: Seams) -> None:
    """Exit without closing anything."""
    seams.replace(seams.services.rooms, "close_all", lambda _: lambda: None)
    seams.replace(WebSocketProtocol, "shutdown", lambda _: lambda protocol: protocol.transport.abort())
