"""A connection that lives on the gevent hub: no greenlet waits for it, so an idle stream costs next to nothing."""

from __future__ import annotations

import errno
import os
import socket as sockets
import ssl
import time
from contextlib import suppress
from typing import Any, Protocol

from gevent import get_hub, monkey

from pulsegate.harness.errors import PeerError, ProtocolViolation
from pulsegate.harness.load.loop_watch import loop_watch
from pulsegate.harness.load.route import Route
from pulsegate.harness.timing.arrival import LATE_READ_NS, Arrival
from pulsegate.harness.wire.stamps import READ_SIZE, enable_stamps, receive
from pulsegate.harness.wire.tls import TlsChannel, describe

_PlainSocket = monkey.get_original("socket", "socket")

_READ, _WRITE = 1, 2
#: Errors by which this machine, not the target, refuses another connection.
_OWN_ERRORS = {errno.EMFILE, errno.ENFILE, errno.EADDRNOTAVAIL, errno.EADDRINUSE, errno.ENOBUFS, errno.ENOMEM}
#: How much may wait to be sent to a server that does not read, in bytes.
LARGEST_BACKLOG = 4 * 1024 * 1024


class Handler(Protocol):
    """Who a connection reports to. Called on the hub: nothing in it may wait."""

    def connected(self) -> None:
        """The connection, and TLS if any, is established."""

    def received(self, data: bytes, arrival: Arrival) -> None:
        """One read. A PeerError raised here ends the connection with its text as the reason."""

    def ended(self, reason: str, *, own: bool) -> None:
        """The connection is over, for a reason that was not ours; `own` when this machine was to blame."""


class Connection:
    """TCP, or TLS over it, from the first packet to the last. Must be created on a greenlet or the hub.

    `started_ns`, `tcp_ns` and `tls_ns` are nanoseconds since the epoch; 0 until then. `in_time` tells
    whether we took each step of connecting as soon as we could: else what follows is later by our fault.
    """

    __slots__ = (
        "_address",
        "_limit",
        "_outgoing",
        "_previous_ns",
        "_route",
        "_socket",
        "_tls",
        "_watcher",
        "at_end",
        "handler",
        "in_time",
        "started_ns",
        "tcp_ns",
        "tls_ns",
    )

    def __init__(self, route: Route, handler: Handler) -> None:
        self._route = route
        #: Who is told; a kept connection serves one after the other.
        self.handler: Handler | None = handler
        self._tls: TlsChannel | None = None
        self._outgoing: bytearray | None = None
        self._watcher: Any = None
        self._socket: sockets.socket | None = None
        self._previous_ns = self.tcp_ns = self.tls_ns = 0
        self.in_time = True
        #: The server said that it sends nothing more.
        self.at_end = False
        self.started_ns = time.time_ns()
        self._limit = get_hub().loop.timer(route.connect_timeout_s)
        self._limit.start(self._give_up)
        self._address = 0
        self._connect()

    def _connect(self) -> None:
        family, address = self._route.addresses[self._address]
        try:
            self._socket = _PlainSocket(family, sockets.SOCK_STREAM)
            self._socket.setblocking(False)
            self._socket.setsockopt(sockets.IPPROTO_TCP, sockets.TCP_NODELAY, 1)
            self._route.bind(self._socket)
            code = self._socket.connect_ex(address)
        except OSError as problem:
            self._fail(problem.errno or 0)
            return
        if code not in (0, errno.EINPROGRESS):
            self._fail(code)
            return
        self._watch(_WRITE, self._connected)

    def _watch(self, what: int, callback: Any) -> None:
        self._unwatch()
        assert self._socket is not None
        self._watcher = get_hub().loop.io(self._socket.fileno(), what)
        self._watcher.start(self._guard, callback)

    def _unwatch(self) -> None:
        if self._watcher is not None:
            self._watcher.stop()
            self._watcher.close()
            self._watcher = None

    def _fail(self, code: int) -> None:
        if code not in _OWN_ERRORS and self._address + 1 < len(self._route.addresses):
            self._release()
            self._address += 1
            self._connect()
            return
        own = code in _OWN_ERRORS
        where = " on this machine" if own else ""
        self._end(f"no connection to {self._route.origin}: {os.strerror(code)}{where}", own=own)

    def _give_up(self) -> None:
        what = "TLS handshake" if self.tcp_ns else "connection"
        self._end(f"no {what} with {self._route.origin} within {self._route.connect_timeout_s:g} s")

    def _connected(self) -> None:
        assert self._socket is not None
        code = self._socket.getsockopt(sockets.SOL_SOCKET, sockets.SO_ERROR)
        if code:
            self._fail(code)
            return
        self._route.prefer(self._address)
        self.tcp_ns = self._previous_ns = time.time_ns()
        self._note_step()
        enable_stamps(self._socket)
        if self._route.tls is None:
            self._open()
            return
        self._tls = TlsChannel(self._route.tls, self._route.host)
        self._watch(_READ, self._answered)
        self._shake_hands(None)

    def _note_step(self) -> None:
        self.in_time = self.in_time and loop_watch().delay_ns() <= LATE_READ_NS

    def _answered(self) -> None:
        assert self._socket is not None
        self._note_step()
        try:
            answer = self._socket.recv(READ_SIZE)
        except BlockingIOError:
            return
        except OSError as problem:
            self._end(f"no TLS with {self._route.origin}: {problem.strerror or problem}")
            return
        self._shake_hands(answer)

    def _shake_hands(self, answer: bytes | None) -> None:
        assert self._tls is not None
        assert self._socket is not None
        try:
            if answer is not None:
                self._tls.feed(answer)
            self._tls.do_handshake()
            self._socket.sendall(self._tls.data_to_send())  # some thousand bytes: an empty buffer takes them
        except ssl.SSLError as problem:
            with suppress(OSError):
                self._socket.send(self._tls.data_to_send())  # the alert that tells the server why
            self._end(f"no TLS with {self._route.origin}: {describe(problem)}")
            return
        except OSError as problem:
            self._end(f"no TLS with {self._route.origin}: {problem.strerror or problem}")
            return
        if self._tls.established:
            self.tls_ns = self._previous_ns = time.time_ns()
            self._open()

    def _open(self) -> None:
        self._stop_limit()
        self._watch(_READ, self._ready)
        assert self.handler is not None
        self._guard(self.handler.connected)

    def await_answer(self, limit_s: float) -> None:
        """End unless `answered` is called within `limit_s` seconds."""
        self._stop_limit()
        if self._socket is not None:
            self._limit = get_hub().loop.timer(limit_s)
            self._limit.start(self._end, f"no answer within {limit_s:g} s")

    def answered(self) -> None:
        """The answer that was awaited came."""
        self._stop_limit()

    def _stop_limit(self) -> None:
        if self._limit is not None:
            self._limit.stop()
            self._limit.close()
            self._limit = None

    def send(self, data: bytes) -> None:
        """Send `data`, now or as soon as the connection takes it; nothing happens when it is over."""
        if self._socket is None:
            return
        if self._tls is not None:
            self._tls.send(data)
            data = self._tls.data_to_send()
        if self._outgoing is not None:
            self._outgoing += data
            if len(self._outgoing) > LARGEST_BACKLOG:
                self._end(f"the server does not read: over {LARGEST_BACKLOG} bytes wait to be sent")
            return
        try:
            sent = self._socket.send(data)
        except BlockingIOError:
            sent = 0
        except OSError as problem:
            self._end(f"the connection is gone: {problem.strerror or problem}")
            return
        if sent < len(data):
            self._outgoing = bytearray(data[sent:])
            self._watch(_READ | _WRITE, self._ready)

    def _ready(self) -> None:
        if self._outgoing is not None:
            self._flush()
        if self._socket is not None:
            self._read()

    def _flush(self) -> None:
        assert self._socket is not None
        assert self._outgoing is not None
        try:
            del self._outgoing[: self._socket.send(self._outgoing)]
        except BlockingIOError:
            return
        except OSError as problem:
            self._end(f"the connection is gone: {problem.strerror or problem}")
            return
        if not self._outgoing:
            self._outgoing = None
            self._watch(_READ, self._ready)

    def _read(self) -> None:
        assert self._socket is not None
        assert self.handler is not None
        try:
            (data, arrival), self._previous_ns = receive(self._socket, self._previous_ns)
        except BlockingIOError:
            return
        except OSError as problem:
            self._end(problem.strerror or str(problem))
            return
        if not data:
            self.at_end = True
            self._end("the server closed the connection")
        elif self._tls is None:
            self.handler.received(data, arrival)
        else:
            self._decrypt(data, arrival)

    def _decrypt(self, encrypted: bytes, arrival: Arrival) -> None:
        assert self._tls is not None
        assert self.handler is not None
        self._tls.feed(encrypted)
        plain = self._tls.read()
        if plain:
            self.handler.received(plain, arrival)
        if self._tls.closed:
            self.at_end = True
            raise ProtocolViolation("the server closed the connection")

    def _guard(self, call: Any, *arguments: Any) -> None:
        try:
            call(*arguments)
        except PeerError as problem:
            self._end(str(problem))
        except Exception as defect:
            if self.handler is None:
                raise  # it is over already, so it is the hub that must be told
            self._end(f"the generator failed: {type(defect).__name__}: {defect}", own=True)

    def _end(self, reason: str, *, own: bool = False) -> None:
        handler = self.handler
        self.close()
        if handler is not None:
            handler.ended(reason, own=own)

    @property
    def alive(self) -> bool:
        """Whether it is not over yet."""
        return self._socket is not None

    def close(self) -> None:
        """Be over, without a word to the handler."""
        self.handler = None
        self._stop_limit()
        self._release()

    def _release(self) -> None:
        self._unwatch()
        if self._socket is not None:
            self._socket.close()
            self._socket = None
