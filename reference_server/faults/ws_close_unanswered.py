"""A close is answered by dropping the connection, without a close frame."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.protocols import WebSocketProtocol
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-9",)


def plant(seams: Seams) -> None:
    """Throw the close frame away."""

    def dropped(original: Any) -> Any:
        def handle(protocol: WebSocketProtocol, event: Any) -> None:
            if not protocol.close_sent:
                protocol.conn.data_to_send()
            original(protocol, event)

        return handle

    seams.replace(WebSocketProtocol, "handle_close", dropped)
