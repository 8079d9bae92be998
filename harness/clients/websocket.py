"""A WebSocket conversation with the target."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
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
from pulsegate.harness.clients.websocket_reader import Incoming, WebSocketReader
from pulsegate.harness.errors import ProtocolViolation, PulsegateError, StreamEnded, TimedOut
from pulsegate.harness.record import Exchange
from pulsegate.harness.wire.address import parse_address
from pulsegate.harness.wire.events import Refused
from pulsegate.harness.wire.websocket import WebSocketWire

__all__ = ["Incoming", "Refused", "WebSocket", "open_websocket"]

#: How long a message may take to leave, in seconds.
_SEND_S = 15.0
#: How long the peer gets to close the connection after the close handshake, in seconds.
_LINGER_S = 1.0


class WebSocket:
    """A WebSocket whose upgrade was answered; `open_websocket` makes one.

    It is read from the moment it is open, whether or not anybody awaits it, and answers pings:
    `messages` holds all so far. The awaiting calls give each message once, in order.
    """

    def __init__(
        self,
        connection: Connection,
        wire: WebSocketWire,
        reader: WebSocketReader,
        transcript: Transcript,
        on_exchange: OnExchange | None,
    ) -> None:
        self._connection = connection
        self._wire = wire
        self._reader = reader
        self._transcript = transcript
        self._on_exchange = on_exchange
        self._inbox = Inbox(reader.messages, reader, "message", lambda: self._over)
        self._pings = 0
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        with suppress(PulsegateError):
            await self.close(timeout_s=_LINGER_S)

    @property
    def status(self) -> int:
        """The status of the upgrade's answer: 101 when the WebSocket opened."""
        answer = self._reader.opened or self._reader.refused
        return answer.status if answer is not None else 0

    @property
    def headers(self) -> Headers:
        """The header fields of the upgrade's answer."""
        answer = self._reader.opened or self._reader.refused
        return Headers(answer.headers if answer is not None else ())

    @property
    def refused(self) -> Refused | None:
        """The answer, when it was no upgrade."""
        return self._reader.refused

    @property
    def closed(self) -> bool:
        """Whether the peer closed it, left, or broke the protocol."""
        return self._reader.closed is not None

    @property
    def close_code(self) -> int | None:
        """The peer's close code, 1005 when its close frame held none; None when no close frame came."""
        return self._reader.closed.code if self._reader.closed is not None else None

    @property
    def close_reason(self) -> str:
        """The peer's reason, often empty."""
        return self._reader.closed.reason if self._reader.closed is not None else ""

    @property
    def problem(self) -> str | None:
        """What the peer did wrong, or that it left without a close frame."""
        return self._reader.closed.problem if self._reader.closed is not None else None

    @property
    def messages(self) -> list[Incoming]:
        """All messages so far, whether awaited or not."""
        return self._reader.messages

    @property
    def times(self) -> ConnectTimes:
        """When the connection was made."""
        return self._connection.times

    @property
    def exchange(self) -> Exchange:
        """The evidence so far."""
        return self._transcript.exchange()

    async def send_json(self, value: object) -> None:
        """Send `value` as a text message. Raises as `send_text` does."""
        await self.send_text(json.dumps(value, ensure_ascii=False))

    async def send_text(self, text: str) -> None:
        """Send a text message; StreamEnded when the WebSocket is closing or closed, TimedOut when it is stuck."""
        self._transcript.sent(text)
        await self._send(lambda: self._wire.send_text(text))

    async def send_bytes(self, data: bytes) -> None:
        """Send a binary message. Raises as `send_text` does."""
        self._transcript.sent(data)
        await self._send(lambda: self._wire.send_binary(data))

    async def send_raw(self, data: bytes) -> None:
        """Send bytes as they are: a frame made by the caller, or none at all. Raises as `send_text` does."""
        self._transcript.sent(data)
        await self._send(lambda: self._connection.write(data))

    async def ping(self, timeout_s: float) -> float:
        """Send a ping; the seconds until its pong arrived. Raises TimedOut or StreamEnded."""
        self._pings += 1
        payload = b"pulsegate %d" % self._pings
        sent_ns = time.time_ns()
        await self._send(lambda: self._wire.ping(payload))
        if not await self._reader.changes.until(lambda: payload in self._reader.pongs or self._over, timeout_s):
            raise TimedOut(self._reader.say(f"no pong within {timeout_s:g} s"))
        arrival = self._reader.pongs.get(payload)
        if arrival is None:
            raise self._reader.error()
        return max(0, arrival.at_ns - sent_ns) / 1e9

    async def receive(self, timeout_s: float) -> Incoming:
        """The next message. Raises TimedOut, or StreamEnded naming how the WebSocket ended."""
        return await self._inbox.take(timeout_s)

    async def receive_until(self, predicate: Callable[[Incoming], bool], timeout_s: float) -> list[Incoming]:
        """The next messages up to the first for which `predicate` holds. Raises as `receive` does."""
        return await self._inbox.take_until(predicate, timeout_s)

    async def drain(self, seconds: float) -> list[Incoming]:
        """The messages of the next `seconds`, those waiting included; less when the WebSocket ends before."""
        return await self._inbox.take_for(seconds)

    async def wait_closed(self, timeout_s: float) -> int | None:
        """Wait for the peer to close; its code, or None when it left without one. Raises TimedOut."""
        if not await self._inbox.until_over(timeout_s):
            raise TimedOut(self._reader.say(f"the peer did not close the WebSocket within {timeout_s:g} s"))
        return self.close_code

    async def close(self, code: int = 1000, reason: str = "", *, timeout_s: float = 5.0) -> int | None:
        """Close, wait for the peer's close frame, and return its code: None when none came in time."""
        try:
            if not self._over:
                self._wire.close(code, reason)
                self._reader.flush()
                await self._inbox.until_over(timeout_s)
            if self.closed and not self._closed:
                await self._reader.changes.until(lambda: self._reader.at_end, min(_LINGER_S, timeout_s))
        finally:
            self._finish("closed by us")
            self._connection.close()
        return self.close_code

    def abort(self) -> None:
        """Reset the connection (RST)."""
        self._finish("reset by us")
        self._connection.abort()

    async def _send(self, send: Callable[[], None]) -> None:
        if self._over:
            raise self._reader.error()
        try:
            send()
            self._reader.flush()
            await self._connection.drain(_SEND_S)
        except StreamEnded:
            raise (self._reader.error() if self._over else StreamEnded(self._reader.say("the peer is gone"))) from None

    def _finish(self, how: str) -> None:
        if self._closed:
            return
        self._closed = True
        self._transcript.ended = self._transcript.ended or how
        self._reader.changes.notify()
        if self._on_exchange is not None:
            self._on_exchange(self.exchange)

    @property
    def _over(self) -> bool:
        return self._closed or self._reader.closed is not None or self._reader.refused is not None


async def open_websocket(
    request: Request,
    options: ConnectOptions,
    masker: Masker,
    *,
    timeout_s: float = 15.0,
    obey_limits: bool = True,
    limits: RateLimits | None = None,
    on_exchange: OnExchange | None = None,
) -> WebSocket:
    """Ask for an upgrade of `request` (``http://``, ``https://``, ``ws://`` or ``wss://``) and await the answer.

    A refusal is no exception: `refused` is set then. A refusal with 429 is tried again as `limits`
    says, unless `obey_limits` is False. `on_exchange` is called as by `open_stream`. Raises
    ConnectFailed, TimedOut, StreamEnded, ProtocolViolation for an answer that is neither an upgrade
    nor HTTP, or UsageError for a request that cannot be sent.
    """

    async def attempt() -> WebSocket:
        return await _attempt(request, options, masker, timeout_s, on_exchange)

    return await open_within_limits(request, attempt, limits, obey_limits=obey_limits)


async def _attempt(
    request: Request, options: ConnectOptions, masker: Masker, timeout_s: float, on_exchange: OnExchange | None
) -> WebSocket:
    transcript = Transcript("websocket", request, masker, options)
    where = masker.mask(f"WebSocket {request.url}")
    with failure_as_evidence(transcript, masker, on_exchange) as undo:
        headers = request.upgrade_headers()
        transcript.sent_headers(headers)
        wire = WebSocketWire(parse_address(request.url), headers)
        connection = await Connection.open(request.url, options)
        undo.callback(connection.abort)
        reader = WebSocketReader(connection, wire, transcript, masker, where)
        connection.start_reading(reader)
        reader.flush()
        await _await_answer(reader, wire, timeout_s)
    return WebSocket(connection, wire, reader, transcript, on_exchange)


async def _await_answer(reader: WebSocketReader, wire: WebSocketWire, timeout_s: float) -> None:
    def answered() -> bool:
        return reader.opened is not None or reader.refused is not None or reader.closed is not None

    if not await reader.changes.until(answered, timeout_s):
        wire.refuse_now()
        reader.take_events()
    if reader.opened is None and reader.refused is None:
        if reader.closed is None:
            raise TimedOut(reader.say(f"no answer to the upgrade within {timeout_s:g} s"))
        failure = StreamEnded if reader.at_end else ProtocolViolation
        raise failure(reader.say(reader.closed.problem or "the upgrade failed"))
