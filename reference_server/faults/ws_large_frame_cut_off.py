"""A frame over the size limit ends the connection without a close frame (1006)."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.protocols import WebSocketProtocol
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-7",)


def plant(seams: Seams) -> None:
    """Drop the transport on the reader's exception."""

    def dropped(_: Any) -> Any:
        def handle(protocol: WebSocketProtocol) -> None:
            protocol.queue.put_nowait({"type": "websocket.disconnect", "code": 1006, "reason": ""})
            protocol.transport.abort()

        return handle

    seams.replace(WebSocketProtocol, "handle_parser_exception", dropped)
