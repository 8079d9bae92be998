"""A close is answered with 1011: the handler fails when its client leaves."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.protocols import WebSocketProtocol
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-9",)


CLOSE_1011 = b"\x88\x02\x03\xf3"


def plant(seams: Seams) -> None:
    """Answer with another code."""

    def failing(original: Any) -> Any:
        def handle(protocol: WebSocketProtocol, event: Any) -> None:
            if not protocol.close_sent:
                protocol.conn.data_to_send()
                protocol.transport.write(CLOSE_1011)
            original(protocol, event)

        return handle

    seams.replace(WebSocketProtocol, "handle_close", failing)
