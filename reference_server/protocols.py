"""uvicorn's protocols, made polite to peers that break the rules.

Only where a peer would else get plain text, a reset instead of an answer, or leave a traceback in the log.
"""

from __future__ import annotations

import asyncio
from typing import Any

import h11
import uvicorn
from h11._writers import ChunkedWriter
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState

from pulsegate.reference_server.json_text import to_json
from pulsegate.reference_server.slow_readers import DropsSlowReaders

LINGER_S = 2.0
#: The most that the head of a request may have.
HEAD_BYTES = 65_536


def bad_request(sentence: str) -> bytes:
    """A whole 400 answer with a JSON body."""
    body = to_json({"detail": sentence}).encode()
    head = (
        "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + body


class QuickChunks(h11.Connection):
    """h11's side of a server, but chunks of a chunked body are framed right here.

    A chunk changes no state, and passing each through h11's state machine costs more than all else about it.
    """

    def send(self, event: h11.Event) -> bytes | None:  # type: ignore[override]  # one signature for its overloads
        """The bytes of `event`; see h11."""
        if type(event) is h11.Data and event.data and type(self._writer) is ChunkedWriter:
            return b"%x\r\n%b\r\n" % (len(event.data), event.data)
        return super().send(event)


class HttpProtocol(DropsSlowReaders, H11Protocol):
    """HTTP/1.1; what is not HTTP gets a JSON answer if no other answer has begun."""

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.conn = QuickChunks(h11.SERVER, HEAD_BYTES)

    def send_400_response(self, msg: str) -> None:
        """Answer bytes that are not HTTP, and close."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE, h11.ERROR) and not self._answering():
            self.transport.write(bad_request(msg))
        self.transport.close()

    def _answering(self) -> bool:
        return self.cycle is not None and self.cycle.response_started and not self.cycle.response_complete


class WebSocketProtocol(DropsSlowReaders, WebSocketsSansIOProtocol):
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

    def send_receive_event_to_app(self) -> None:
        """Pass a message on; text that is no UTF-8 fails the connection (RFC 6455, 8.1) without a traceback of ours."""
        if self.curr_msg_data_type == "text" and not _is_text(b"".join(self.frames)):
            self.frames = []
            self.conn.send_close(1007)
            self.handle_parser_exception()
            return
        super().send_receive_event_to_app()

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


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
