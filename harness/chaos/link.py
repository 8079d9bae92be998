"""One relayed connection: two pumps, and at most one armed fault, which gets what the target sends."""

from __future__ import annotations

import asyncio
import re
import socket
import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from pulsegate.harness.chaos.framing import Framing
from pulsegate.harness.chaos.pump import Pump

if TYPE_CHECKING:
    from pulsegate.harness.chaos.fault import Fault

#: What a fault may keep of what one target sent before the target has to wait, in bytes.
MOST_WAITING = 4 * 1024 * 1024
#: How long a client may take to close what was cut, in seconds.
_LAST_WORDS_S = 5.0
#: In so many reads of a stream a `retry` field is looked for.
_FIRST_READS = 3
_RETRY = re.compile(rb"(?:^|[\r\n])retry: ?(\d{1,9})[\r\n]")
_REQUEST_LINE = re.compile(rb"[^\r\n]*")
_ASKS_FOR_STREAM = re.compile(rb"\r\n(?:accept:[^\r]*text/event-stream|upgrade:[ \t]*websocket)", re.IGNORECASE)
_NO_LINGER = struct.pack("ii", 1, 0)


class Owner(Protocol):
    """Who is told what becomes of a connection."""

    def attempted(self, began_s: float, asked: bytes) -> bool:
        """A client that came at `began_s` asks for the stream `asked`; whether it opens one, or comes back to it."""

    def answered(self) -> None:
        """A stream was granted to a client that opened it, or came back to it."""

    def left(self) -> None:
        """A client ended its stream of its own accord."""

    def retry_asked(self, asked_ms: int) -> None:
        """A stream had a `retry` field in its first reads."""

    def over(self, link: Link) -> None:
        """The connection has ended."""


class Link:
    """Client and target, joined, until either ends it."""

    __slots__ = (
        "_answered",
        "_began_s",
        "_client",
        "_counts",
        "_fault",
        "_looks",
        "_loop",
        "_owner",
        "_timers",
        "_upstream",
        "abandoned",
        "down",
        "framing",
        "over",
        "up",
    )

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        client: socket.socket,
        upstream: socket.socket,
        owner: Owner,
        *,
        began_s: float,
    ) -> None:
        self._loop = loop
        self._client = client
        self._upstream = upstream
        self._owner = owner
        self._began_s: float | None = began_s
        self._answered = False
        self._counts = True
        self._looks = _FIRST_READS
        self._fault: Fault | None = None
        self._timers: set[asyncio.TimerHandle] = set()
        self.over = False
        #: The target was left; only the client is still there.
        self.abandoned = False
        self.framing = Framing()
        self.up = Pump(loop, client, upstream, self._from_client, ended=self._client_ended, lost=self._lost)
        self.down = Pump(loop, upstream, client, self._from_target, ended=self._target_ended, lost=self._lost)

    @property
    def is_stream(self) -> bool:
        """Whether it carries an event stream or a WebSocket now."""
        return not self.abandoned and (self.framing.event_stream or self.framing.websocket)

    def _from_client(self, data: bytes) -> None:
        if self._began_s is not None:
            self._look_at_request(data, self._began_s)
        self.framing.request_sent(data)
        self.up.send(data)

    def _look_at_request(self, data: bytes, began_s: float) -> None:
        """The first one tells what the connection is for."""
        self._began_s = None
        if _ASKS_FOR_STREAM.search(data) and (line := _REQUEST_LINE.match(data)):
            self._counts = self._owner.attempted(began_s, line[0])

    def _from_target(self, data: bytes) -> None:
        if self._fault is None:
            self.forward(data)
        else:
            self._fault.received(self, data)
        if self._looks:
            self._look(data)

    def _look(self, data: bytes) -> None:
        """What is to be known of a stream stands at its beginning; later reads are not looked at."""
        if not self._answered:
            if not self.is_stream:
                return
            self._answered = True
            if self._counts:
                self._owner.answered()
        self._looks -= 1
        if match := _RETRY.search(data):
            self._owner.retry_asked(int(match[1]))

    def _client_ended(self) -> None:
        self._note_leaving()
        self.up.finish()
        self._close_when_both_ended()

    def _note_leaving(self) -> None:
        if self.is_stream and self.down.open:
            self._owner.left()

    def _lost(self, gone: socket.socket) -> None:
        """One that closes although it has not read everything resets the connection."""
        if gone is self._client and self.up.open:
            self._note_leaving()
        self.reset()

    def _target_ended(self) -> None:
        if self._fault is not None:
            self._fault.target_ended(self)
        else:
            self.pass_end()

    def pass_end(self) -> None:
        """Tell the client that the target sends nothing more."""
        self.down.finish()
        self._close_when_both_ended()

    def _close_when_both_ended(self) -> None:
        if not (self.up.open or self.down.open):
            self.close()

    def forward(self, data: bytes) -> None:
        """Pass what the target sent, and keep up with its framing."""
        self.framing.follow(data)
        self.down.send(data)

    def later(self, delay_s: float, call: Callable[[], None]) -> None:
        """Call after `delay_s`, unless the connection is over by then."""

        def ring() -> None:
            self._timers.discard(timer)
            call()

        timer = self._loop.call_later(delay_s, ring)
        self._timers.add(timer)

    def arm(self, fault: Fault) -> None:
        """From now on `fault` gets what the target sends; one that was armed ends."""
        self.disarm()
        self._fault = fault
        fault.begin(self)

    def disarm(self, fault: Fault | None = None) -> None:
        """End the armed fault, or only `fault` if it is still the armed one."""
        if self._fault is not None and fault in (None, self._fault):
            self._fault.end(self)

    def disarm_kind(self, kind: type[Fault]) -> None:
        """End the armed fault if it is of this kind."""
        if isinstance(self._fault, kind):
            self._fault.end(self)

    def free(self) -> None:
        """The fault is over and holds nothing: pass what comes as it is."""
        self._fault = None

    def cut(self) -> None:
        """End the connection: the client gets what was sent to it, then the end; the target is left at once."""
        self.abandon()
        self.down.finish()
        self.later(_LAST_WORDS_S, self.close)

    def reset(self) -> None:
        """End the connection at once, with a reset for both."""
        for one in (self._client, self._upstream):
            if one.fileno() >= 0:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self.close()

    def abandon(self) -> None:
        """Leave the target, and keep the client, which is not told: what it sends is thrown away."""
        self._fault = None
        self.abandoned = True
        self.up.release()
        self.down.stop_reading()
        self._upstream.close()
        # unread bytes would turn the end of the connection into a reset
        self.up = Pump(
            self._loop, self._client, self._client, _throw_away, ended=self.close, lost=lambda _gone: self.close()
        )

    def close(self) -> None:
        """End both sides, and tell it."""
        if self.over:
            return
        self.over = True
        for timer in self._timers:
            timer.cancel()
        self.up.release()
        self.down.release()
        self._client.close()
        self._upstream.close()
        self._fault = None
        self._owner.over(self)


def _throw_away(_data: bytes) -> None:
    """What is sent to nobody."""
