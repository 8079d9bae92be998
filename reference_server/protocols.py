"""uvicorn's protocols, made polite to peers that break the rules.

Only where a peer would else get plain text, a reset instead of an answer, or leave a traceback in the log.
"""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from pulsegate.reference_server.json_text import to_json

LINGER_S = 2.0


def bad_request(sentence: str) -> bytes:
    """A whole 400 answer with a JSON body."""
    body = to_json({"detail": sentence}).encode()
    head = (
        "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + body


class HttpProtocol(H11Protocol):
    """HTTP/1.1; what is not HTTP gets a JSON answer if no other answer has begun."""

    def send_400_response(self, msg: str) -> None:
        """Answer bytes that are not HTTP, and close."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE, h11.ERROR) and not self._answering():
            self.transport.write(bad_request(msg))
        self.transport.close()

    def _answering(self) -> bool:
        return self.cycle is not None and self.cycle.response_started and not self.cycle.response_complete


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """WebSocket; a connection that fails is closed in a way that lets the peer read why."""

    failed = False

    def data_received(self, data: bytes) -> None:
        """Read on, but after a failure only to throw away what the peer had already sent."""
        if not self.failed:
            super().data_received(data)

    def eof_received(self) -> None:
        """The peer has sent all it will; a failed connection need not linger."""
        if self.failed:
            self.transport.close()

    def handle_parser_exception(self) -> None:
        """Say why (400 before the handshake, else a close frame), then linger until the peer closes.

        Closing at once with bytes unread would reset the connection, and the peer might lose the reason.
        """
        self.failed = True
        self.stop_keepalive()
        if not self.handshake_complete:
            self.transport.write(bad_request("This is not a WebSocket handshake."))
        else:
            self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = self.disconnected = True
        self.queue.put_nowait({"type": "websocket.disconnect", "code": 1006, "reason": ""})
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.transport.resume_reading()
        self.close_timer = self.loop.call_later(LINGER_S, self.transport.close)

    def on_task_complete(self, task: asyncio.Task[Any]) -> None:
        """Give up on a peer that does not take what was left for it."""
        super().on_task_complete(task)
        self.loop.call_later(LINGER_S, self._give_up)

    def _give_up(self) -> None:
        if self in self.connections:
            self.transport.abort()
