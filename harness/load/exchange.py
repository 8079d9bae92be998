"""One request and its streamed answer, timed on the hub from the moment it was due."""

from __future__ import annotations

import time
from typing import Any, Protocol

from gevent import get_hub

from pulsegate.harness.errors import ProtocolViolation
from pulsegate.harness.figures import metrics
from pulsegate.harness.load.connection import Connection
from pulsegate.harness.load.http import Answer
from pulsegate.harness.load.recorder import Recorder
from pulsegate.harness.load.refusals import BODY_WAIT_S, Refusal
from pulsegate.harness.load.route import Route
from pulsegate.harness.load.sse_stream import ends_with_event
from pulsegate.harness.timing.arrival import LATE_READ_NS, Arrival
from pulsegate.harness.timing.sse import Message, SSEEvent, SSEParser
from pulsegate.harness.wire.dialects import DIALECTS, Dialect

#: The longest answer that is taken, in characters of its text.
LONGEST_ANSWER = 16 * 1024 * 1024


class ExchangeBooks:
    """What all exchanges of one surface share: the adders of their metrics.

    Each latency is kept twice: from when the exchange was due, and (`.sent`) from when it was sent. In
    a closed loop the two are the same moment.
    """

    def __init__(self, recorder: Recorder, surface: str) -> None:
        self.recorder = recorder
        self.surface = surface
        self.dialect: Dialect = DIALECTS[surface.partition(".")[0]]
        self.delay = recorder.series(metrics.GENERATOR_DELAY)
        self.connect = recorder.series(f"{surface}.connect")
        self.tcp = recorder.series(f"{surface}.connect.tcp")
        self.tls = recorder.series(f"{surface}.connect.tls")
        self.headers = recorder.series(f"{surface}.headers")
        self.first_token = recorder.series(f"{surface}.first_token")
        self.first_token_sent = recorder.series(f"{surface}.first_token.sent")
        self.total = recorder.series(f"{surface}.total")
        self.total_sent = recorder.series(f"{surface}.total.sent")
        self.gap = recorder.series(f"{surface}.inter_token_gap")
        self.together = recorder.series(f"{surface}.together")
        self.speed = recorder.series(f"{surface}.tokens_per_second")


class Pool:
    """Connections that are open and idle, the one used last first."""

    def __init__(self, route: Route) -> None:
        self.route = route
        self._idle: list[Connection] = []

    def take(self) -> Connection | None:
        """An idle connection, if there is one."""
        while self._idle:
            connection = self._idle.pop()
            if connection.alive:
                return connection
        return None

    def give(self, connection: Connection) -> None:
        """Keep a connection for the next exchange."""
        connection.handler = self
        self._idle.append(connection)

    def connected(self) -> None:
        """Never happens: what is given has long been connected."""

    def received(self, data: bytes, arrival: Arrival) -> None:
        """Nothing may come between two answers."""
        raise ProtocolViolation("the server sent something between two answers")

    def ended(self, reason: str, *, own: bool) -> None:
        """The server may close an idle connection at any time."""

    def close(self) -> None:
        """Close them all."""
        for connection in self._idle:
            connection.close()
        self._idle.clear()


class ExchangeOwner(Protocol):
    """Whose exchange it is. Called on the hub."""

    books: ExchangeBooks

    @property
    def pool(self) -> Pool:
        """Where it takes and leaves connections."""

    def exchange_over(self, exchange: Exchange, problem: str) -> None:
        """The answer is complete, or failed by `problem`."""


class Exchange:
    """One request, from the moment it was due to the end of its answer."""

    __slots__ = (
        "_answer",
        "_books",
        "_connection",
        "_fresh_connection",
        "_heard",
        "_last_ns",
        "_length",
        "_limit",
        "_owner",
        "_parser",
        "_refusal",
        "_request",
        "_was_connected",
        "chunks",
        "due_ns",
        "finished",
        "first_ns",
        "sent_ns",
        "text",
        "tokens",
    )

    def __init__(self, owner: ExchangeOwner, request: bytes, due_ns: int) -> None:
        self._owner = owner
        self._books = owner.books
        self._request = request
        self._answer = Answer()
        self._parser = SSEParser()
        self._last_ns = self.first_ns = 0
        self.chunks = 0
        self.tokens: int | None = None
        self.finished = False
        #: The answer's text so far, piece by piece.
        self.text: list[str] = []
        self.due_ns = due_ns
        self.sent_ns = 0
        self._limit: Any = None
        self._connection: Connection | None = None
        self._fresh_connection = self._was_connected = self._heard = False
        self._length = 0
        self._refusal: Refusal | None = None

    def start(self, limit_s: float) -> None:
        """Send the request, on an idle connection if there is one; the answer may take `limit_s` seconds."""
        books = self._books
        counts = books.recorder.counts
        self.sent_ns = time.time_ns()
        counts.sent += 1
        counts.late_sends += self.sent_ns - self.due_ns > LATE_READ_NS
        books.delay.add(max(0, self.sent_ns - self.due_ns))
        books.recorder.in_flight += 1
        self._limit = get_hub().loop.timer(limit_s)
        self._limit.start(self._time_out, limit_s)
        kept = self._owner.pool.take()
        if kept is None:
            self._connect()
        else:
            self._connection = kept
            kept.handler = self
            kept.send(self._request)

    def _connect(self) -> None:
        self._fresh_connection = True
        self._books.recorder.counts.attempted += 1
        self._connection = Connection(self._owner.pool.route, self)

    def connected(self) -> None:
        """Send the request on the new connection."""
        assert self._connection is not None
        self._was_connected = True
        self._books.recorder.counts.established += 1
        self._connection.send(self._request)

    def received(self, data: bytes, arrival: Arrival) -> None:
        """Parse one read, and book its pieces."""
        books = self._books
        recorder = books.recorder
        recorder.read(data, arrival)
        self._heard = True
        in_time = recorder.in_time()
        had_head = self._answer.status
        body = self._answer.receive_data(data)
        if not had_head and self._answer.status:
            self._take_head(arrival, known=in_time or (arrival.kernel and not body))
        if self._refusal is not None:
            self._hear_out(self._refusal, body)
            return
        events = self._parser.receive_data(body)
        if events:
            ends_it = (
                arrival.kernel
                and not self._answer.complete
                and not self._answer.problem
                and ends_with_event(body, events)
            )
            self._take_all(events, arrival, in_time=in_time, ends_it=ends_it)
        self._answer.check()
        if self._answer.complete:
            self._complete(arrival.at_ns, known=in_time or arrival.kernel)

    @property
    def _asked_in_time(self) -> bool:
        """Whether the request was sent as soon as there was a connection for it."""
        return not self._fresh_connection or (self._connection is not None and self._connection.in_time)

    def _take_head(self, arrival: Arrival, *, known: bool) -> None:
        books, connection = self._books, self._connection
        assert connection is not None
        if refusal := self._answer.refusal("text/event-stream"):
            self._refusal = Refusal(refusal)
            connection.await_answer(BODY_WAIT_S)
            return
        books.recorder.kernel_stamps &= arrival.kernel
        if books.recorder.judge(books.headers, known=known and self._asked_in_time):
            books.headers.add(arrival.at_ns - self.sent_ns)
        if self._fresh_connection and books.recorder.judge(books.connect, books.tcp, known=connection.in_time):
            books.connect.add((connection.tls_ns or connection.tcp_ns) - connection.started_ns)
            books.tcp.add(connection.tcp_ns - connection.started_ns)
            if connection.tls_ns:
                books.tls.add(connection.tls_ns - connection.tcp_ns)

    def _hear_out(self, refusal: Refusal, body: bytes) -> None:
        if refusal.hear(body) or self._answer.complete or self._answer.problem:
            raise ProtocolViolation(refusal.reason)

    def _take_all(self, events: list[SSEEvent], arrival: Arrival, *, in_time: bool, ends_it: bool) -> None:
        recorder = self._books.recorder
        before = self.chunks
        for message in events:
            if type(message) is not Message:
                continue
            recorder.counts.events += 1
            piece = self._books.dialect.piece(message.data)
            if piece.problem:
                raise ProtocolViolation(piece.problem)
            self.finished = self.finished or piece.finished
            self.tokens = piece.tokens if piece.tokens is not None else self.tokens
            if piece.text:
                known = in_time or (ends_it and message is events[-1])
                self._take_text(piece.text, arrival.at_ns if known else 0)
        if self.chunks > before:
            self._books.together.add((self.chunks - before) * 1_000_000)

    def _take_text(self, text: str, at_ns: int) -> None:
        """Book one piece of text; `at_ns` is 0 where it is not known when it came."""
        books = self._books
        recorder = books.recorder
        recorder.counts.chunks += 1
        self.chunks += 1
        self.text.append(text)
        self._length += len(text)
        if self._length > LONGEST_ANSWER:
            raise ProtocolViolation(f"the answer is longer than {LONGEST_ANSWER} characters")
        if self.chunks == 1:
            self.first_ns = at_ns
            if recorder.judge(books.first_token, books.first_token_sent, known=bool(at_ns) and self._asked_in_time):
                books.first_token.add(at_ns - self.due_ns)
                books.first_token_sent.add(at_ns - self.sent_ns)
        elif recorder.judge(books.gap, known=bool(at_ns and self._last_ns)):
            books.gap.add(at_ns - self._last_ns)
        self._last_ns = at_ns

    def _complete(self, at_ns: int, *, known: bool) -> None:
        if self._books.dialect.says_finish and not self.finished:
            raise ProtocolViolation("the answer ended before it was finished")
        if not self.chunks:
            raise ProtocolViolation("the answer held no text")
        books = self._books
        if books.recorder.judge(books.total, books.total_sent, known=known and self._asked_in_time):
            books.total.add(at_ns - self.due_ns)
            books.total_sent.add(at_ns - self.sent_ns)
        counts = books.recorder.counts
        counts.completed += 1
        counts.tokens += self.tokens or 0
        if self._last_ns > self.first_ns > 0:
            books.speed.add(round((self.tokens or self.chunks) * 1e15 / (self._last_ns - self.first_ns)))
        connection = self._over()
        if connection is not None:
            if connection.alive and self._answer.should_keep_alive():
                self._owner.pool.give(connection)
            else:
                connection.close()
        self._owner.exchange_over(self, "")

    def ended(self, reason: str, *, own: bool) -> None:
        """Book how it ended.

        The end of the connection may be the end of the answer. A kept connection that the server had
        just closed is replaced once, as clients do.
        """
        if self._refusal is not None and not own:
            self._fail(self._refusal.reason, own=False)
            return
        if not own and not self._fresh_connection and not self._heard:
            self._connect()
            return
        if self._connection is not None and self._connection.at_end and self._answer.receive_end():
            self._end_with_connection()
            return
        self._fail(reason, own=own)

    def _end_with_connection(self) -> None:
        known = self._books.recorder.in_time()  # an end has no stamp
        try:
            self._complete(time.time_ns(), known=known)
        except ProtocolViolation as problem:
            self._fail(str(problem), own=False)

    def _time_out(self, limit_s: float) -> None:
        connection = self._connection
        self._fail(f"no whole answer within {limit_s:g} s", own=False)
        if connection is not None:
            connection.close()

    def _fail(self, reason: str, *, own: bool) -> None:
        """Book a failure; what this machine is to blame for is not held against the target."""
        recorder = self._books.recorder
        self._over()
        if not own:
            recorder.counts.refused += self._fresh_connection and not self._was_connected
            recorder.counts.failed += 1
        said = self._refusal.said if self._refusal is not None else b""
        recorder.problem(f"{self._books.surface}: {reason}", own=own, said=said)
        self._owner.exchange_over(self, reason)

    def _over(self) -> Connection | None:
        """Let go of the connection and the time limit."""
        self._books.recorder.in_flight -= 1
        self._limit.stop()
        self._limit.close()
        connection, self._connection = self._connection, None
        return connection

    def abandon(self) -> None:
        """Give up while the answer is still coming: that is neither complete nor a failure."""
        connection = self._over()
        if connection is not None:
            connection.close()
