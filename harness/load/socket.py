"""One WebSocket of a load run: upgrades, reads on the hub, times its heartbeats, and books what arrives."""

from __future__ import annotations

import json
import os
import time
from itertools import count
from typing import Any, Protocol

from pulsegate.harness.errors import ProtocolViolation, StreamEnded
from pulsegate.harness.load.connection import Connection
from pulsegate.harness.load.line import Line
from pulsegate.harness.load.recorder import Recorder
from pulsegate.harness.load.route import Route
from pulsegate.harness.timing.arrival import Arrival
from pulsegate.harness.timing.reconnect import FINAL_CLOSE_CODES
from pulsegate.harness.wire.events import Closed, HeaderItems, Opened, Refused, Text
from pulsegate.harness.wire.websocket import WebSocketWire

#: Heartbeats of different WebSockets must not be taken for each other, whoever gets whose answer.
_BEAT_NUMBERS = count(1)


class SocketBooks:
    """What all WebSockets share: the adders of their metrics."""

    def __init__(self, recorder: Recorder, surface: str) -> None:
        self.recorder = recorder
        self.surface = surface
        self.connect = recorder.series(f"{surface}.connect")
        self.tcp = recorder.series(f"{surface}.connect.tcp")
        self.tls = recorder.series(f"{surface}.connect.tls")
        self.headers = recorder.series(f"{surface}.connect.headers")
        self.round_trip = recorder.series(f"{surface}.round_trip")
        self.id_member = recorder.profile.ws.members.id

    def established(self, connection: Connection, arrival: Arrival) -> None:
        """Book how long each part of connecting took; the parts add up to the whole."""
        self.connect.add(arrival.at_ns - connection.started_ns)
        self.tcp.add(connection.tcp_ns - connection.started_ns)
        if connection.tls_ns:
            self.tls.add(connection.tls_ns - connection.tcp_ns)
        self.headers.add(arrival.at_ns - (connection.tls_ns or connection.tcp_ns))


class SocketOwner(Protocol):
    """Whose WebSocket it is. Called on the hub."""

    books: SocketBooks

    def socket_opened(self, socket: Socket, latency_ns: int) -> None:
        """The upgrade was granted."""

    def socket_message(self, socket: Socket, message: Any, arrival: Arrival) -> None:
        """A message came, out of its JSON; heartbeats are not handed on."""

    def socket_ended(self, socket: Socket, reason: str, *, was_open: bool) -> None:
        """It is over, and we did not end it."""


class Socket:
    """One WebSocket, from connecting to its end."""

    __slots__ = (
        "_beats", "_books", "_final", "_owner", "_refusal", "_wire", "connection", "fresh", "known", "line", "open",
    )  # fmt: skip

    def __init__(self, owner: SocketOwner, route: Route, headers: HeaderItems, line: Line) -> None:
        self._owner = owner
        self._books = owner.books
        self._wire = WebSocketWire(route.address, headers)
        self._beats: dict[str, int] = {}
        #: Whether it is known exactly when the message that is handed on came.
        self.known = False
        #: Messages received since they were last counted.
        self.fresh = 0
        self.open = False
        #: What the target answered when it refused the upgrade.
        self._refusal: Refused | None = None
        #: What it is a connection of.
        self.line = line
        #: The server closed in a way that another attempt cannot mend.
        self._final = False
        self._books.recorder.counts.attempted += 1
        self.connection = Connection(route, self)

    @property
    def surface(self) -> str:
        """The surface that it belongs to."""
        return self._books.surface

    def connected(self) -> None:
        """Ask for the upgrade."""
        self.connection.await_answer(self._books.recorder.target.answer_timeout_s)
        self._flush()

    def _flush(self) -> None:
        for data in self._wire.data_to_send():
            if data:
                self.connection.send(data)

    def received(self, data: bytes, arrival: Arrival) -> None:
        """Parse one read, and book its messages."""
        recorder = self._books.recorder
        recorder.read(data, arrival)
        self._wire.receive_data(data)
        events = self._wire.events_received()
        in_time = recorder.in_time()
        last = len(events) - 1
        for index, event in enumerate(events):
            self.known = in_time or (arrival.kernel and index == last and self._wire.ends_with_event)
            match event:
                case Text():
                    self._take(event.text, arrival)
                case Opened():
                    self._opened(arrival)
                case Refused():
                    self._refusal = event
                    raise ProtocolViolation(f"the upgrade was answered {event.status}")
                case Closed():
                    self._flush()
                    self._final = event.code in FINAL_CLOSE_CODES
                    raise StreamEnded(event.problem or f"the server closed with {event.code}")
                case _:
                    pass
        self._flush()

    def _opened(self, arrival: Arrival) -> None:
        books, connection = self._books, self.connection
        connection.answered()
        self.open = True
        books.recorder.kernel_stamps &= arrival.kernel
        books.recorder.opened(self)
        self.line.opened(arrival.at_ns)
        if books.recorder.judge(books.connect, books.tcp, books.headers, known=self.known and connection.in_time):
            books.established(connection, arrival)
        self._owner.socket_opened(self, arrival.at_ns - connection.started_ns)

    def _take(self, text: str, arrival: Arrival) -> None:
        recorder = self._books.recorder
        self.fresh += 1
        recorder.counts.events += 1
        self.line.event(None, text, arrival.at_ns)
        try:
            message = json.loads(text)
        except (ValueError, RecursionError):
            recorder.problem(f"{self.surface}: a message was not JSON")
            return
        beat_id = message.get(self._books.id_member) if isinstance(message, dict) else None
        sent_ns = self._beats.pop(beat_id, None) if isinstance(beat_id, str) else None
        if sent_ns is None:
            self._owner.socket_message(self, message, arrival)
            return
        recorder.counts.beats += 1
        if recorder.judge(self._books.round_trip, known=self.known):
            self._books.round_trip.add(arrival.at_ns - sent_ns)

    def send(self, message: dict[str, Any]) -> None:
        """Send a message as JSON; nothing happens when the WebSocket is not open."""
        if self.open:
            self._wire.send_text(json.dumps(message))
            self._flush()

    def beat(self) -> None:
        """Send a heartbeat; those before it that were not answered count as missed."""
        if not self.open:
            return
        self._books.recorder.counts.missed += len(self._beats)
        self._beats.clear()
        beat_id = f"beat-{os.getpid()}-{next(_BEAT_NUMBERS)}"
        self._beats[beat_id] = now_ns = time.time_ns()
        self.send(
            {"type": "heartbeat", self._books.id_member: beat_id, "payload": {}, "timestamp": now_ns // 1_000_000}
        )

    def ended(self, reason: str, *, own: bool) -> None:
        """Book that it is over."""
        recorder = self._books.recorder
        was_open, self.open = self.open, False
        recorder.closed(self, dropped=not own)
        refused = self._refusal
        recorder.problem(f"{self.surface}: {reason}", own=own, said=refused.body if refused else b"")
        self._owner.socket_ended(self, reason, was_open=was_open)
        fields = {name.lower(): value for name, value in refused.headers} if refused else {}
        self.line.ended(
            reason, was_open=was_open, status=refused.status if refused else 0,
            retry_after=fields.get("retry-after", ""), final=self._final,
        )  # fmt: skip

    def look(self, now_ns: int) -> None:
        """Nothing to see: a heartbeat that is not answered counts as missed when the next is sent."""

    def clock_was_set(self, now_ns: int) -> None:
        """Time no heartbeat that is under way."""
        self._beats.clear()

    def close(self) -> None:
        """End it; the run is over for this user."""
        self.line.close()
        if self.open:
            self.open = False
            self._wire.close()
            self._flush()
        self.connection.close()
        self._books.recorder.closed(self, dropped=False)
