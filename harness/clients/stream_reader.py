"""The reading half of a stream: takes each read as it comes, and never waits for anybody."""

from __future__ import annotations

from typing import Literal

from pulsegate.harness.clients.connection import Connection, words
from pulsegate.harness.clients.evidence import Transcript
from pulsegate.harness.clients.headers import Headers
from pulsegate.harness.clients.masking import Masker
from pulsegate.harness.clients.waiting import Changes
from pulsegate.harness.errors import PeerError, ProtocolViolation, StreamEnded
from pulsegate.harness.timing.arrival import Arrival, Read
from pulsegate.harness.timing.stream import EventStream, TimedEvent
from pulsegate.harness.wire.http1 import Body, Broken, End, Head, HttpEvent, HttpExchange

#: How a stream ended: "clean" (its last chunk, or its Content-Length, came), "cut" (closed before
#: that), "reset" (RST), "eof" (delimited by the end of the connection, which cannot be told from a
#: cut), "broken" (not HTTP, no event stream, or too much of it).
Ended = Literal["clean", "cut", "reset", "eof", "broken"]

#: The most that one stream may bring, in bytes; it is kept whole, and more than one may be open.
LARGEST_STREAM = 8 * 1024 * 1024
#: The most events: tiny ones cost many times their bytes.
MOST_EVENTS = 50_000
#: What keeping a read costs beside its bytes.
_READ_COST = 512

_SENTENCES: dict[Ended, str] = {
    "clean": "the stream ended (cleanly) while more was awaited",
    "cut": "the stream was cut: it was closed before its end",
    "reset": "the stream was reset",
    "eof": "the stream ended with its connection, which cannot be told from a cut",
}


class StreamReader:
    """One answer, parsed as it comes into `head`, `reads`, `events` and how it `ended`.

    `where` is its method and URL, for sentences.
    """

    def __init__(
        self, connection: Connection, http: HttpExchange, transcript: Transcript, masker: Masker, where: str
    ) -> None:
        self._connection = connection
        self._http = http
        self._transcript = transcript
        self._masker = masker
        self._where = where
        self._cost = 0
        self._problem: PeerError | None = None
        self.changes = Changes()
        self.head: Head | None = None
        self.headers = Headers()
        self.answered: Arrival | None = None
        self.reads: list[Read] = []
        self.events: list[TimedEvent] = []
        self.event_stream: EventStream | None = None
        self.ended: Ended | None = None

    def read_received(self, read: Read) -> None:
        """Take one read; an empty one is the end of the connection."""
        if self.ended is not None:
            return
        if read.data:
            self._transcript.received(read.data, read.arrival)
            self._take(self._http.receive_data(read.data), read.arrival)
        else:
            self._take(self._http.receive_eof(), read.arrival)
        self._cost += len(read.data) + _READ_COST
        if self._cost > LARGEST_STREAM and self.ended is None:
            self._finish("broken", ProtocolViolation(self.say(f"more than {LARGEST_STREAM // 2**20} MiB came")))
        self.changes.notify()

    def connection_lost(self, problem: OSError | ProtocolViolation) -> None:
        """Take the break of the connection."""
        if self.ended is not None:
            return
        if isinstance(problem, ProtocolViolation):
            self._finish("broken", ProtocolViolation(self.say(str(problem))))
        else:
            self._finish("reset", StreamEnded(self.say(f"{_SENTENCES['reset']} ({words(problem)})")))
        self.changes.notify()

    def error(self) -> PeerError:
        """What to raise to whoever awaits more of an ended stream: always a new exception."""
        problem = self._problem
        if problem is None:
            return StreamEnded(self.say(_SENTENCES[self.ended] if self.ended else "the stream was closed here"))
        return type(problem)(str(problem))

    def say(self, what: str) -> str:
        """`what` happened where, without secrets."""
        return self._masker.mask(f"{self._where}: {what}")

    def _take(self, events: list[HttpEvent], arrival: Arrival) -> None:
        body = b"".join(event.data for event in events if isinstance(event, Body))
        for event in events:
            if isinstance(event, Head):
                self._take_head(event, arrival)
        if body:
            self.reads.append(Read(body, arrival))
            self._take_body(body, arrival)
        for event in events:
            if self.ended is None and isinstance(event, End | Broken):
                self._take_end(event, at_end_of_connection=self._http.at_end)

    def _take_head(self, head: Head, arrival: Arrival) -> None:
        self.head = head
        self.answered = arrival
        self.headers = Headers(head.headers)
        self._transcript.answered(head.status, self.headers)
        if self.headers.media_type == "text/event-stream":
            self.event_stream = EventStream()

    def _take_body(self, body: bytes, arrival: Arrival) -> None:
        if self.event_stream is None:
            return
        try:
            self.events += self.event_stream.receive_data(body, arrival)
        except ProtocolViolation as problem:
            self._finish("broken", type(problem)(self.say(str(problem))))
            return
        if len(self.events) > MOST_EVENTS:
            self._finish("broken", ProtocolViolation(self.say(f"more than {MOST_EVENTS} events came")))

    def _take_end(self, event: End | Broken, *, at_end_of_connection: bool) -> None:
        if isinstance(event, Broken):
            if at_end_of_connection:
                told = _SENTENCES["cut"] + f" ({event.problem})" if self.head else event.problem
                self._finish("cut", StreamEnded(self.say(told)))
            else:
                self._finish(
                    "broken", ProtocolViolation(self.say(f"the answer is not valid HTTP/1.1: {event.problem}"))
                )
            return
        if self.event_stream is not None:
            try:
                self.event_stream.receive_eof()
            except ProtocolViolation as problem:
                self._finish("broken", type(problem)(self.say(str(problem))))
                return
        if event.surplus:
            self._transcript.problem = f"{event.surplus} bytes followed the end of the answer"
        self._finish(event.how, None)

    def _finish(self, how: Ended, problem: PeerError | None) -> None:
        self.ended = how
        self._problem = problem
        self._transcript.ended = how
        if problem is not None:
            self._transcript.problem = str(problem)
        self._connection.close()
