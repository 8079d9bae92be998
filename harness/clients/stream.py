"""An HTTP answer that is read while it comes: event streams, streamed completions, any body."""

from __future__ import annotations

from collections.abc import Callable
from typing import Self

from pulsegate.harness.clients.api import OnExchange
from pulsegate.harness.clients.connection import Connection, ConnectTimes
from pulsegate.harness.clients.evidence import Transcript
from pulsegate.harness.clients.headers import Headers
from pulsegate.harness.clients.inbox import Inbox
from pulsegate.harness.clients.limits import RateLimits
from pulsegate.harness.clients.masking import Masker
from pulsegate.harness.clients.opening import failure_as_evidence, open_within_limits
from pulsegate.harness.clients.options import ConnectOptions
from pulsegate.harness.clients.request import Request
from pulsegate.harness.clients.stream_reader import Ended, StreamReader
from pulsegate.harness.errors import TimedOut
from pulsegate.harness.record import Exchange
from pulsegate.harness.timing.arrival import Arrival, Read
from pulsegate.harness.timing.sse import Message
from pulsegate.harness.timing.stream import EventStream, TimedEvent
from pulsegate.harness.wire.address import parse_address
from pulsegate.harness.wire.http1 import Head, HttpExchange

__all__ = ["Ended", "Stream", "open_stream"]


class Stream:
    """An answer whose head has come; `open_stream` makes one.

    It is read from the moment it is open, whether or not anybody awaits it: `reads` and `events` hold
    all so far. The awaiting calls give each event once, in order, and share one place in `events`.
    Only a body of Content-Type ``text/event-stream`` yields events.
    """

    def __init__(
        self,
        connection: Connection,
        reader: StreamReader,
        head: Head,
        transcript: Transcript,
        on_exchange: OnExchange | None,
    ) -> None:
        self._connection = connection
        self._reader = reader
        self._head = head
        self._transcript = transcript
        self._on_exchange = on_exchange
        self._inbox = Inbox(reader.events, reader, "event", lambda: self._over)
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    @property
    def status(self) -> int:
        """The status of the answer."""
        return self._head.status

    @property
    def headers(self) -> Headers:
        """The header fields of the answer."""
        return self._reader.headers

    @property
    def http_version(self) -> str:
        """``HTTP/1.1`` or ``HTTP/1.0``."""
        return self._head.http_version

    @property
    def times(self) -> ConnectTimes:
        """When the connection was made."""
        return self._connection.times

    @property
    def answered(self) -> Arrival | None:
        """The arrival of the read that completed the head."""
        return self._reader.answered

    @property
    def kernel_stamps(self) -> bool:
        """Whether arrivals are the kernel's own."""
        return self._connection.kernel_stamps

    @property
    def reads(self) -> list[Read]:
        """The reads that held bytes of the body, out of its transfer coding; `TimedEvent.read` counts them."""
        return self._reader.reads

    @property
    def body(self) -> bytes:
        """All of the body so far, out of its transfer coding."""
        return b"".join(read.data for read in self._reader.reads)

    @property
    def events(self) -> list[TimedEvent]:
        """All events so far, whether awaited or not."""
        return self._reader.events

    @property
    def event_stream(self) -> EventStream | None:
        """The parser's side: `parser.last_event_id`, `retry_ms`, `unterminated`, `invalid_utf8`."""
        return self._reader.event_stream

    @property
    def ended(self) -> Ended | None:
        """How the peer ended it; None while it goes on, or when it was closed here."""
        return self._reader.ended

    @property
    def exchange(self) -> Exchange:
        """The evidence so far."""
        return self._transcript.exchange()

    async def next_event(self, timeout_s: float) -> TimedEvent:
        """The next event of any kind. Raises TimedOut, or StreamEnded or ProtocolViolation at the end."""
        return await self._inbox.take(timeout_s)

    async def next_message(self, timeout_s: float) -> TimedEvent:
        """The next event that is a Message; others are passed over. Raises as `next_event` does."""
        events = await self.read_until(lambda timed: isinstance(timed.event, Message), timeout_s)
        return events[-1]

    async def read_until(self, predicate: Callable[[TimedEvent], bool], timeout_s: float) -> list[TimedEvent]:
        """The next events up to the first for which `predicate` holds. Raises as `next_event` does."""
        return await self._inbox.take_until(predicate, timeout_s)

    async def read_for(self, seconds: float) -> list[TimedEvent]:
        """The events of the next `seconds`, those waiting included; less when the stream ends before."""
        return await self._inbox.take_for(seconds)

    async def read_all(self, timeout_s: float) -> list[TimedEvent]:
        """Wait for the end, however it comes, and return the events not taken before. Raises TimedOut."""
        if not await self._inbox.until_over(timeout_s):
            size = sum(len(read.data) for read in self.reads)
            raise TimedOut(self._reader.say(f"the answer did not end within {timeout_s:g} s ({size} bytes so far)"))
        return self._inbox.take_waiting()

    def close(self) -> None:
        """Close the connection; what came stays readable."""
        self._finish("closed by us")
        self._connection.close()

    def abort(self) -> None:
        """Reset the connection (RST)."""
        self._finish("reset by us")
        self._connection.abort()

    def _finish(self, how: str) -> None:
        if self._closed:
            return
        self._closed = True
        self._transcript.ended = self._reader.ended or how
        self._reader.changes.notify()
        if self._on_exchange is not None:
            self._on_exchange(self.exchange)

    @property
    def _over(self) -> bool:
        return self._closed or self._reader.ended is not None


async def open_stream(
    request: Request,
    options: ConnectOptions,
    masker: Masker,
    *,
    timeout_s: float = 15.0,
    obey_limits: bool = True,
    limits: RateLimits | None = None,
    on_exchange: OnExchange | None = None,
) -> Stream:
    """Send `request` on a connection of its own and await the head of the answer, any status.

    Connecting has its own time, of `options`. A 429 is tried again as `limits` says, unless
    `obey_limits` is False. `on_exchange` is called once per exchange, when it is over: for each 429
    tried again, for a failed opening, and when the stream is closed. Raises ConnectFailed, TimedOut,
    StreamEnded, ProtocolViolation, or UsageError for a request that cannot be sent.
    """

    async def attempt() -> Stream:
        return await _attempt(request, options, masker, timeout_s, on_exchange)

    return await open_within_limits(request, attempt, limits, obey_limits=obey_limits)


async def _attempt(
    request: Request, options: ConnectOptions, masker: Masker, timeout_s: float, on_exchange: OnExchange | None
) -> Stream:
    transcript = Transcript("stream", request, masker, options)
    where = masker.mask(f"{request.method} {request.url}")
    with failure_as_evidence(transcript, masker, on_exchange) as undo:
        connection = await Connection.open(request.url, options)
        undo.callback(connection.abort)
        http = HttpExchange()
        reader = StreamReader(connection, http, transcript, masker, where)
        headers = request.sent_headers()
        transcript.sent_headers(headers)
        outgoing = http.request(request.method, parse_address(request.url).target, headers, request.body)
        connection.start_reading(reader)
        connection.write(outgoing)
        head = await _await_head(reader, timeout_s)
    return Stream(connection, reader, head, transcript, on_exchange)


async def _await_head(reader: StreamReader, timeout_s: float) -> Head:
    if not await reader.changes.until(lambda: reader.head is not None or reader.ended is not None, timeout_s):
        raise TimedOut(reader.say(f"no answer within {timeout_s:g} s"))
    if reader.head is None:
        raise reader.error()
    return reader.head
