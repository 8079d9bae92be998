"""A WebSocket client without I/O, over websockets' own protocol.

The upgrade's answer is read by our HTTP reader, so that a refusal of any shape (HTTP/1.0, an endless
body, informational answers before it) has a status, header fields and a body; only a 101 goes on to
websockets.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from websockets.client import ClientProtocol
from websockets.datastructures import Headers as HandshakeHeaders
from websockets.exceptions import InvalidState, ProtocolError
from websockets.frames import Close, Frame, Opcode
from websockets.http11 import Response
from websockets.protocol import State
from websockets.typing import Subprotocol
from websockets.uri import WebSocketURI

from pulsegate.harness.errors import StreamEnded, UsageError
from pulsegate.harness.wire.address import Address
from pulsegate.harness.wire.events import (
    Binary,
    Closed,
    HeaderItems,
    Opened,
    Pong,
    Refused,
    Text,
    WebSocketEvent,
)
from pulsegate.harness.wire.http1 import Body, Broken, End, Head, HttpExchange, Switched

__all__ = [
    "LARGEST_MESSAGE",
    "Binary",
    "Closed",
    "Opened",
    "Pong",
    "Refused",
    "Text",
    "WebSocketEvent",
    "WebSocketWire",
]

#: The largest message that is accepted, in bytes.
LARGEST_MESSAGE = 16 * 1024 * 1024
_LARGEST_REFUSAL = 65_536

_logger = logging.getLogger("pulsegate.websocket")


class WebSocketWire:
    """One WebSocket, from the upgrade request to the close handshake.

    Nothing here raises because of what the peer sends: it becomes Refused, or Closed with a
    `problem`. After each call, send what `data_to_send` returns and take `events_received`.
    """

    def __init__(self, address: Address, headers: HeaderItems = (), *, largest_message: int = LARGEST_MESSAGE) -> None:
        protocols = [value for name, value in headers if name.lower() == "sec-websocket-protocol"]
        self._protocol = ClientProtocol(
            WebSocketURI(address.secure, address.host, address.port, address.target, ""),
            subprotocols=[Subprotocol(one.strip()) for value in protocols for one in value.split(",")] or None,
            max_size=largest_message,
            logger=_logger,
        )
        self._http = HttpExchange()
        self._head: Head | None = None
        self._refusal = bytearray()
        self._fragments: list[bytes] = []
        self._fragments_are_text = False
        #: Bytes since the upgrade that no whole frame has accounted for.
        self._unframed = 0
        self._last_frame_told = False
        self._events: list[WebSocketEvent] = []
        self._outgoing = [self._upgrade_request(address, headers)]
        #: The final answer of the upgrade came, and it was 101.
        self.open = False
        #: A Refused or Closed was reported; nothing more will be.
        self.over = False

    def _upgrade_request(self, address: Address, headers: HeaderItems) -> bytes:
        own = {name.lower() for name, _ in headers}
        request = self._protocol.connect()
        fields = [(name, value) for name, value in request.headers.raw_items() if name.lower() not in own]
        if "host" not in own:
            fields[0] = ("Host", address.host_header)
        return self._http.request("GET", address.target, [*fields, *headers])

    def data_to_send(self) -> list[bytes]:
        """The bytes that wait to be sent; an empty piece means: end the sending direction."""
        outgoing, self._outgoing = self._outgoing + self._protocol.data_to_send(), []
        return outgoing

    def events_received(self) -> list[WebSocketEvent]:
        """What happened since the last call, in order."""
        events, self._events = self._events, []
        return events

    @property
    def ends_with_event(self) -> bool:
        """Whether nothing, be it half a frame, came behind the event that was reported last."""
        return self._last_frame_told and not self._unframed

    def receive_data(self, data: bytes) -> None:
        """Take bytes from the connection."""
        if self.open:
            self._receive_frames(data)
        else:
            self._receive_answer(self._http.receive_data(data))

    def receive_eof(self) -> None:
        """Take the end of the connection."""
        if not self.open:
            self._receive_answer(self._http.receive_eof())
            return
        self._protocol.receive_eof()
        self._collect()
        self._report_closed(None, "", "the connection ended without a close frame")

    def refuse_now(self) -> None:
        """Report a refusal whose body has not ended yet with what came of it."""
        if self._head is not None and not self.over:
            self._refuse(self._head)

    def send_text(self, text: str) -> None:
        """Send a text message; StreamEnded when the connection is closing or closed."""
        self._send(lambda: self._protocol.send_text(text.encode("utf-8", "surrogatepass")))

    def send_binary(self, data: bytes) -> None:
        """Send a binary message; StreamEnded when the connection is closing or closed."""
        self._send(lambda: self._protocol.send_binary(data))

    def ping(self, data: bytes) -> None:
        """Send a ping of at most 125 bytes; StreamEnded when the connection is closed."""
        self._send(lambda: self._protocol.send_ping(data))

    def close(self, code: int | None = 1000, reason: str = "") -> None:
        """Begin the close handshake, unless it has begun; UsageError when `code` may not be sent."""
        if not self.open or self._protocol.state is not State.OPEN:
            return
        try:
            self._protocol.send_close(code, reason)
        except ProtocolError as problem:
            raise UsageError(f"close code {code} cannot be sent: {problem}") from None

    def _send(self, send: Callable[[], None]) -> None:
        if not self.open:
            raise StreamEnded("the WebSocket is not open")
        try:
            send()
        except InvalidState:
            raise StreamEnded(f"the WebSocket is {self._protocol.state.name.lower()}: nothing can be sent") from None
        except ProtocolError as problem:
            raise UsageError(f"this frame cannot be sent: {problem}") from None

    def _receive_answer(self, events: list[Head | Body | End | Switched | Broken]) -> None:
        for event in events:
            match event:
                case Switched():
                    self._switch(event)
                case Head():
                    self._head = event
                case Body():
                    self._refusal += event.data[: _LARGEST_REFUSAL - len(self._refusal)]
                    if len(self._refusal) == _LARGEST_REFUSAL:
                        self.refuse_now()
                case End():
                    self.refuse_now()
                case Broken():
                    self.refuse_now()
                    self._report_closed(None, "", event.problem)

    def _refuse(self, head: Head) -> None:
        self.over = True
        self._events.append(Refused(head.status, head.headers, bytes(self._refusal)))

    def _switch(self, switched: Switched) -> None:
        headers = HandshakeHeaders()
        for name, value in switched.head.headers:
            if name.lower() in ("connection", "upgrade") or name.lower().startswith("sec-websocket-"):
                headers[name] = value.encode("latin-1", "replace").decode("latin-1")
        self._protocol.receive_data(Response(101, "Switching Protocols", headers).serialize())
        self._protocol.events_received()
        if self._protocol.handshake_exc is not None:
            self._report_closed(None, "", f"the upgrade's answer is not valid: {self._protocol.handshake_exc}")
            return
        self.open = self._last_frame_told = True
        self._events.append(Opened(switched.head.status, switched.head.headers))
        if switched.data:
            self._receive_frames(switched.data)

    def _receive_frames(self, data: bytes) -> None:
        if self._protocol.state is State.CLOSED:
            return
        self._unframed += len(data)
        self._protocol.receive_data(data)
        self._collect()

    def _collect(self) -> None:
        for event in self._protocol.events_received():
            if isinstance(event, Frame):
                self._unframed -= _size_of(event)
                told = len(self._events)
                self._take_frame(event)
                self._last_frame_told = len(self._events) > told
        problem = self._protocol.parser_exc
        if problem is not None and not isinstance(problem, EOFError):
            self._report_closed(None, "", f"the peer broke the WebSocket protocol: {problem}")

    def _take_frame(self, frame: Frame) -> None:
        match frame.opcode:
            case Opcode.TEXT | Opcode.BINARY | Opcode.CONT:
                if frame.opcode is not Opcode.CONT:
                    self._fragments_are_text = frame.opcode is Opcode.TEXT
                self._fragments.append(bytes(frame.data))
                if frame.fin:
                    self._take_message()
            case Opcode.PONG:
                self._report(Pong(bytes(frame.data)))
            case Opcode.CLOSE:
                close = Close.parse(frame.data)
                self._report_closed(int(close.code), close.reason, None)
            case _:  # a ping: the protocol has answered it
                pass

    def _take_message(self) -> None:
        data = b"".join(self._fragments)
        self._fragments.clear()
        if not self._fragments_are_text:
            self._report(Binary(data))
            return
        try:
            self._report(Text(data.decode("utf-8")))
        except UnicodeDecodeError as problem:
            if self._protocol.state is State.OPEN:
                self._protocol.fail(1007, "invalid UTF-8")
            self._report_closed(None, "", f"a text message is not UTF-8: {problem.reason} at byte {problem.start}")

    def _report(self, event: WebSocketEvent) -> None:
        if not self.over:
            self._events.append(event)

    def _report_closed(self, code: int | None, reason: str, problem: str | None) -> None:
        self._report(Closed(code, reason, problem))
        self.over = True


def _size_of(frame: Frame) -> int:
    """How many bytes a server's frame takes (RFC 6455, 5.2): a server masks nothing."""
    payload = len(frame.data)
    return payload + (2 if payload < 126 else 4 if payload < 65_536 else 10)
