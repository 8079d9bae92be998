"""A close is answered with 1011 where the connection has seen an error, and with 1000 elsewhere."""

from __future__ import annotations

from typing import Any

from starlette.requests import HTTPConnection

from pulsegate.reference_server.protocols import WebSocketProtocol
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-9",)


CLOSE_1011 = b"\x88\x02\x03\xf3"


def plant(seams: Seams) -> None:
    """Answer with another code after an error."""

    def noted(message: dict[str, Any], connection: HTTPConnection) -> list[dict[str, Any]]:
        if message["type"] == "error":
            connection.scope["had_error"] = True
        return [message]

    def failing(original: Any) -> Any:
        def handle(protocol: WebSocketProtocol, event: Any) -> None:
            if not protocol.close_sent and protocol.scope.get("had_error"):
                protocol.conn.data_to_send()
                protocol.transport.write(CLOSE_1011)
            original(protocol, event)

        return handle

    seams.outgoing(noted)
    seams.replace(WebSocketProtocol, "handle_close", failing)
