"""One event stream of a load run: asks for it, reads it on the hub, and books what arrives."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from typing import Protocol

from pulsegate.harness.errors import ProtocolViolation
from pulsegate.harness.load.connection import Connection
from pulsegate.harness.load.http import Answer
from pulsegate.harness.load.line import Line
from pulsegate.harness.load.recorder import Recorder
from pulsegate.harness.load.refusals import BODY_WAIT_S, Refusal
from pulsegate.harness.load.route import Route
from pulsegate.harness.timing.arrival import Arrival
from pulsegate.harness.timing.idle import Idle, StreamClocks, missed_beats
from pulsegate.harness.timing.ledger import number_of
from pulsegate.harness.timing.sse import IdSet, Message, SSEEvent, SSEParser

#: Fewer heartbeats show no drift.
_DRIFT_BEATS = 3


class StreamBooks:
    """What all streams of one surface share: the adders of their metrics, and the expected interval."""

    def __init__(self, recorder: Recorder, surface: str) -> None:
        self.recorder = recorder
        self.surface = surface
        self.interval_ns = round(recorder.profile.timing.heartbeat_s * 1e9)
        self.connect = recorder.series(f"{surface}.connect")
        self.tcp = recorder.series(f"{surface}.connect.tcp")
        self.tls = recorder.series(f"{surface}.connect.tls")
        self.headers = recorder.series(f"{surface}.connect.headers")
        self.first_event = recorder.series(f"{surface}.connect.first_event")
        self.heartbeat_gap = recorder.series(f"{surface}.heartbeat_gap")
        self.event_gap = recorder.series(f"{surface}.event_gap")
        self.jitter = recorder.series(f"{surface}.heartbeat_jitter")
        self.drift = recorder.series(f"{surface}.heartbeat_drift")
        self.cut_idle = recorder.series(f"{surface}.cut_idle")
        self.together = recorder.series(f"{surface}.together")
        #: What connecting is made of: known together, or not at all.
        self.parts = [self.connect, self.tcp, self.headers, self.first_event]

    def established(self, connection: Connection, headers_ns: int, arrival: Arrival) -> None:
        """Book how long each part of connecting took; the parts add up to the whole.

        `headers_ns` is 0 when it is not known when the head came.
        """
        at_ns = arrival.at_ns
        self.connect.add(at_ns - connection.started_ns)
        self.tcp.add(connection.tcp_ns - connection.started_ns)
        if connection.tls_ns:
            self.tls.add(connection.tls_ns - connection.tcp_ns)
        if headers_ns:
            self.headers.add(headers_ns - (connection.tls_ns or connection.tcp_ns))
            self.first_event.add(at_ns - headers_ns)
        else:
            self.headers.spoiled += 1
            self.first_event.spoiled += 1


class StreamOwner(Protocol):
    """Whose stream it is: a user, which is told what happens. Called on the hub."""

    books: StreamBooks

    def is_heartbeat(self, message: Message) -> bool:
        """Whether `message` keeps the stream alive and says nothing else."""

    def is_final(self, message: Message) -> bool:
        """Whether what the stream tells of is complete by `message`."""

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
        "_beats",
        "_books",
        "_clocks",
        "_first_beat_ns",
        "_head_seen",
        "_headers_ns",
        "_id",
        "_idle",
        "_last_beat_ns",
        "_last_ns",
        "_owner",
        "_parser",
        "_refusal",
        "_request",
        "connection",
        "fresh",
        "line",
        "seen",
    )

    def __init__(self, owner: StreamOwner, route: Route, request: bytes, line: Line) -> None:
        self._owner = owner
        self._books = owner.books
        self._request: bytes | None = request
        self._answer = Answer()
        self._parser = SSEParser(last_event_id=line.last_event_id)
        #: What it is a connection of.
        self.line = line
        self._clocks = StreamClocks(self._books.interval_ns, 0)
        self._idle = Idle.ALIVE
        #: The number that the event to come has as its id.
        self._id: int | None = None
        self._headers_ns = 0
        self._head_seen = False
        self._refusal: Refusal | None = None
        #: When the last event, and the last heartbeat if there was one, came; 0 where that is not known.
        self._last_ns = 0
        self._last_beat_ns: int | None = None
        #: When the first heartbeat came, and how many intervals of beats have passed since; 0 where that is not known.
        self._first_beat_ns = self._beats = 0
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
            if self._refusal is not None:
                self._hear_out(self._refusal, body)
                return
        if body:
            self._clocks.read(arrival.at_ns)
        events = self._parser.receive_data(body)
        self._account(events, arrival)
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
            books.together.add((last + 1) * 1_000_000)
        self._answer.check()
        if self._answer.complete:
            raise ProtocolViolation("the server ended the stream")

    def _account(self, events: Sequence[SSEEvent], arrival: Arrival) -> None:
        """Enter the numbers of events into the stream's ledger: ids, or the server's stamps."""
        if not self.seen and any(type(event) is Message for event in events):
            self.line.opened(arrival.at_ns)
        for event in events:
            if type(event) is IdSet:
                self._id = number_of(event.id)
            elif type(event) is Message:
                self.line.event(self._id, event.data, arrival.at_ns)
                self._id = None

    def _take_head(self, arrival: Arrival, *, known: bool) -> None:
        if self._refusal is not None:
            return
        if refusal := self._answer.refusal("text/event-stream"):
            self._refusal = Refusal(refusal)
            self.connection.await_answer(BODY_WAIT_S)
        elif self._answer.status:
            self._head_seen = True
            self._headers_ns = arrival.at_ns if known else 0
            self.connection.answered()
            self._books.recorder.kernel_stamps &= arrival.kernel

    def _hear_out(self, refusal: Refusal, body: bytes) -> None:
        if refusal.hear(body) or self._answer.complete or self._answer.problem:
            raise ProtocolViolation(refusal.reason)

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
            self._note_data(message, arrival)
            if recorder.judge(*books.parts, known=known and self.connection.in_time):
                books.established(self.connection, self._headers_ns, arrival)
            self._owner.stream_opened(self, arrival.at_ns - self.connection.started_ns)
        elif self._owner.is_heartbeat(message):
            self._beat(at_ns)
        else:
            self._note_data(message, arrival)
            if recorder.judge(books.event_gap, known=bool(at_ns and self._last_ns)):
                books.event_gap.add(at_ns - self._last_ns)
        self._last_ns = at_ns
        self._owner.stream_message(self, message, arrival)

    def _note_data(self, message: Message, arrival: Arrival) -> None:
        self._clocks.data(arrival.at_ns)
        if self._owner.is_final(message):
            self._clocks.finished()

    def look(self, now_ns: int) -> None:
        """See whether it has gone silent, or beats although nothing is produced any more; tell it once."""
        idle = self._clocks.state(now_ns)
        if idle is self._idle:
            return
        self._idle = idle
        recorder = self._books.recorder
        if idle is Idle.STALLED:
            recorder.counts.stalled += 1
            recorder.problem(f"{self.surface}: the producer stalled: heartbeats go on, but no data comes")
        elif idle is Idle.SILENT:
            recorder.counts.silent += 1
            recorder.problem(f"{self.surface}: the server went silent: not even a heartbeat comes")

    def clock_was_set(self, now_ns: int) -> None:
        """Begin anew with both clocks, and with the average of the heartbeats."""
        self._clocks = StreamClocks(self._books.interval_ns, now_ns)
        self._last_ns = self._first_beat_ns = self._beats = 0
        if self._last_beat_ns is not None:
            self._last_beat_ns = 0

    def _beat(self, at_ns: int) -> None:
        books = self._books
        recorder = books.recorder
        recorder.counts.beats += 1
        last_ns, self._last_beat_ns = self._last_beat_ns, at_ns
        if last_ns is None or not recorder.judge(books.heartbeat_gap, known=bool(at_ns and last_ns)):
            return
        gap_ns = at_ns - last_ns
        books.heartbeat_gap.add(gap_ns)
        missed = missed_beats(gap_ns, books.interval_ns)
        recorder.counts.missed += missed
        self._first_beat_ns = self._first_beat_ns or last_ns
        self._beats += 1 + missed
        if not missed:
            books.jitter.add(abs(gap_ns - books.interval_ns))

    def ended(self, reason: str, *, own: bool) -> None:
        """Book that it is over."""
        recorder = self._books.recorder
        was_open = self in recorder.open
        if was_open and not own:
            self._books.cut_idle.add(self._clocks.transport_idle_ns(time.time_ns()))
        self._book_drift()
        recorder.closed(self, dropped=not own)
        if self._refusal is not None and not own:
            reason = self._refusal.reason
        recorder.problem(f"{self.surface}: {reason}", own=own, said=self._refusal.said if self._refusal else b"")
        self._owner.stream_ended(self, reason)
        self.line.last_event_id = self._parser.last_event_id
        self.line.ended(
            reason, was_open=was_open, status=self._answer.status if self._refusal is not None else 0,
            retry_after=self._answer.retry_after, retry_ms=self._parser.retry_ms,
        )  # fmt: skip

    def _book_drift(self) -> None:
        """How far the heartbeats were from the advertised interval on average, over as long as it is known."""
        books, last_ns = self._books, self._last_beat_ns
        if self._beats >= _DRIFT_BEATS and last_ns:
            books.drift.add(abs(round((last_ns - self._first_beat_ns) / self._beats) - books.interval_ns))

    def close(self) -> None:
        """End it; the run is over for this user."""
        self.line.close()
        if self in self._books.recorder.open:
            self._book_drift()
        self.connection.close()
        self._books.recorder.closed(self, dropped=False)


def ends_with_event(body: bytes, events: Sequence[SSEEvent]) -> bool:
    """Whether nothing came after the last of the `events` in the `body` bytes that they were parsed from."""
    return type(events[-1]) is Message and body.endswith((b"\n\n", b"\r\n\r\n", b"\r\r"))


#: How the documented heartbeat begins: what is seen so often is not parsed each time.
_HEARTBEAT = ('{"type":"heartbeat",', '{"type": "heartbeat",')


#: Events of other names that say that a run is over.
_FINAL = ("done", "error")
_COMPLETE = re.compile(r'"progress":\s*100\b')


def says_complete(message: Message) -> bool:
    """Whether a run is complete by `message`: the documented progress of 100, an error, or ``done``."""
    if message.type == "execution_progress":
        return _COMPLETE.search(message.data) is not None
    return message.type in _FINAL


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
