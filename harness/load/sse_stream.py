"""One event stream of a load run: asks for it, reads it on the hub, and books what arrives."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Protocol

from pulsegate.harness.errors import ProtocolViolation
from pulsegate.harness.load.connection import Connection
from pulsegate.harness.load.http import Answer
from pulsegate.harness.load.recorder import Recorder
from pulsegate.harness.load.route import Route
from pulsegate.harness.timing.arrival import Arrival
from pulsegate.harness.timing.sse import Message, SSEEvent, SSEParser


class StreamBooks:
    """What all streams of one surface share: the adders of their metrics, and the expected interval."""

    def __init__(self, recorder: Recorder, surface: str) -> None:
        self.recorder = recorder
        self.surface = surface
        self.interval_ns = round(recorder.profile.timing.heartbeat_s * 1e9)
        self.connect = recorder.adder(f"{surface}.connect")
        self.tcp = recorder.adder(f"{surface}.connect.tcp")
        self.tls = recorder.adder(f"{surface}.connect.tls")
        self.headers = recorder.adder(f"{surface}.connect.headers")
        self.first_event = recorder.adder(f"{surface}.connect.first_event")
        self.heartbeat_gap = recorder.adder(f"{surface}.heartbeat_gap")
        self.event_gap = recorder.adder(f"{surface}.event_gap")
        self.together = recorder.adder(f"{surface}.together")

    def established(self, connection: Connection, headers_ns: int, arrival: Arrival) -> None:
        """Book how long each part of connecting took; the parts add up to the whole.

        `headers_ns` is 0 when it is not known when the head came.
        """
        at_ns = arrival.at_ns
        self.connect(at_ns - connection.started_ns)
        self.tcp(connection.tcp_ns - connection.started_ns)
        if connection.tls_ns:
            self.tls(connection.tls_ns - connection.tcp_ns)
        if headers_ns:
            self.headers(headers_ns - (connection.tls_ns or connection.tcp_ns))
            self.first_event(at_ns - headers_ns)


class StreamOwner(Protocol):
    """Whose stream it is: a user, which is told what happens. Called on the hub."""

    books: StreamBooks

    def is_heartbeat(self, message: Message) -> bool:
        """Whether `message` keeps the stream alive and says nothing else."""

    def stream_opened(self, stream: SSEStream, latency_ns: int) -> None:
        """The first event came."""

    def stream_message(self, stream: SSEStream, message: Message, arrival: Arrival) -> None:
        """An event came, the first one included."""

    def stream_ended(self, stream: SSEStream, reason: str) -> None:
        """It is over, and we did not end it."""


class SSEStream:
    """One stream, from connecting to its end."""

    __slots__ = (
        "_answer",
        "_books",
        "_head_seen",
        "_headers_ns",
        "_last_beat_ns",
        "_last_ns",
        "_owner",
        "_parser",
        "_request",
        "connection",
        "fresh",
        "seen",
    )

    def __init__(self, owner: StreamOwner, route: Route, request: bytes) -> None:
        self._owner = owner
        self._books = owner.books
        self._request: bytes | None = request
        self._answer = Answer()
        self._parser = SSEParser()
        self._headers_ns = 0
        self._head_seen = False
        #: When the last event, and the last heartbeat if there was one, came; 0 where that is not known.
        self._last_ns = 0
        self._last_beat_ns: int | None = None
        #: Events received in all, and since they were last counted.
        self.seen = self.fresh = 0
        self._books.recorder.counts.attempted += 1
        self.connection = Connection(route, self)

    @property
    def surface(self) -> str:
        """The surface that it belongs to."""
        return self._books.surface

    def connected(self) -> None:
        """Ask for the stream."""
        assert self._request is not None
        self.connection.await_answer(self._books.recorder.target.answer_timeout_s)
        self.connection.send(self._request)
        self._request = None

    def received(self, data: bytes, arrival: Arrival) -> None:
        """Parse one read, and book its events."""
        books = self._books
        books.recorder.read(data, arrival)
        in_time = books.recorder.in_time()
        body = self._answer.receive_data(data)
        if not self._head_seen:
            self._take_head(arrival, known=in_time or (arrival.kernel and not body))
        events = self._parser.receive_data(body)
        messages = [event for event in events if type(event) is Message]
        if messages:
            last_known = in_time or (
                arrival.kernel
                and not self._answer.complete
                and not self._answer.problem
                and ends_with_event(body, events)
            )
            last = len(messages) - 1
            for index, message in enumerate(messages):
                self._take(message, arrival, known=in_time if index < last else last_known)
            books.together((last + 1) * 1_000_000)
        self._answer.check()
        if self._answer.complete:
            raise ProtocolViolation("the server ended the stream")

    def _take_head(self, arrival: Arrival, *, known: bool) -> None:
        refusal = self._answer.refusal("text/event-stream")
        if refusal:
            raise ProtocolViolation(refusal)
        if self._answer.status:
            self._head_seen = True
            self._headers_ns = arrival.at_ns if known else 0
            self.connection.answered()
            self._books.recorder.kernel_stamps &= arrival.kernel

    def _take(self, message: Message, arrival: Arrival, *, known: bool) -> None:
        """Book one event; its arrival is `known`, or anywhere since the read before."""
        books = self._books
        recorder = books.recorder
        recorder.counts.events += 1
        self.seen += 1
        self.fresh += 1
        at_ns = arrival.at_ns if known else 0
        if self.seen == 1:
            recorder.opened(self)
            if recorder.judge(known=known and self.connection.in_time):
                books.established(self.connection, self._headers_ns, arrival)
            self._owner.stream_opened(self, arrival.at_ns - self.connection.started_ns)
        elif self._owner.is_heartbeat(message):
            self._beat(at_ns)
        elif recorder.judge(known=bool(at_ns and self._last_ns)):
            books.event_gap(at_ns - self._last_ns)
        self._last_ns = at_ns
        self._owner.stream_message(self, message, arrival)

    def _beat(self, at_ns: int) -> None:
        books = self._books
        recorder = books.recorder
        recorder.counts.beats += 1
        last_ns, self._last_beat_ns = self._last_beat_ns, at_ns
        if last_ns is None or not recorder.judge(known=bool(at_ns and last_ns)):
            return
        gap_ns = at_ns - last_ns
        books.heartbeat_gap(gap_ns)
        if gap_ns > books.interval_ns:
            recorder.counts.missed += max(0, round(gap_ns / books.interval_ns) - 1)

    def ended(self, reason: str, *, own: bool) -> None:
        """Book that it is over."""
        recorder = self._books.recorder
        recorder.closed(self, dropped=not own)
        recorder.problem(f"{self.surface}: {reason}", own=own)
        self._owner.stream_ended(self, reason)

    def close(self) -> None:
        """End it; the run is over for this user."""
        self.connection.close()
        self._books.recorder.closed(self, dropped=False)


def ends_with_event(body: bytes, events: Sequence[SSEEvent]) -> bool:
    """Whether nothing came after the last of the `events` in the `body` bytes that they were parsed from."""
    return type(events[-1]) is Message and body.endswith((b"\n\n", b"\r\n\r\n", b"\r\r"))


#: How the documented heartbeat begins: what is seen so often is not parsed each time.
_HEARTBEAT = ('{"type":"heartbeat",', '{"type": "heartbeat",')


def says_heartbeat(message: Message) -> bool:
    """Whether `message` is a heartbeat by its event name, or by the ``type`` of its JSON object."""
    if message.type != "message":
        return message.type == "heartbeat"
    if message.data.startswith(_HEARTBEAT):
        return True
    if "heartbeat" not in message.data:
        return False
    try:
        value = json.loads(message.data)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and value.get("type") == "heartbeat"
