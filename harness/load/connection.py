"""A connection that the gevent hub reads: no greenlet waits in `recv`, so an idle stream costs next to nothing."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from typing import Any

import gevent.socket
from gevent import get_hub, monkey

from pulsegate.harness.errors import ConnectFailed, PeerError, StreamEnded
from pulsegate.harness.target import Target
from pulsegate.harness.timing.arrival import Arrival
from pulsegate.harness.wire.address import Address
from pulsegate.harness.wire.stamps import READ_SIZE, emptied_ns, enable_stamps, receive
from pulsegate.harness.wire.tls import TlsChannel, client_context, describe

_PlainSocket = monkey.get_original("socket", "socket")

DataHandler = Callable[[bytes, Arrival], None]
EndHandler = Callable[[str], None]


class Connection:
    """TCP, or TLS over it, opened by the calling greenlet and read on the hub once watched.

    `started_ns` is when connecting began; all times are nanoseconds since the epoch.
    """

    def __init__(self, address: Address, target: Target) -> None:
        self.started_ns = time.time_ns()
        self._on_data: DataHandler | None = None
        self._on_end: EndHandler | None = None
        self._watcher: Any = None
        self._tls: TlsChannel | None = None
        limit = target.connect_timeout_s
        try:
            cooperative = gevent.socket.create_connection((address.host, address.port), timeout=limit)
        except OSError as problem:
            raise ConnectFailed(f"{address.origin}: {problem.strerror or problem}") from None
        self._socket = _PlainSocket(fileno=cooperative.detach())
        self._socket.setblocking(False)
        self._socket.setsockopt(gevent.socket.IPPROTO_TCP, gevent.socket.TCP_NODELAY, 1)
        self.kernel_stamps = enable_stamps(self._socket)
        self._previous_ns = time.time_ns()
        if address.secure:
            with gevent.Timeout(limit, ConnectFailed(f"{address.origin}: no TLS handshake within {limit:g} s")):
                self._shake_hands(address, target)

    def _shake_hands(self, address: Address, target: Target) -> None:
        self._tls = TlsChannel(client_context(target.ca_file, target.insecure), address.host)
        try:
            while True:
                self._tls.do_handshake()
                self._send_all(self._tls.data_to_send())
                if self._tls.established:
                    return
                gevent.socket.wait_read(self._socket.fileno())
                self._tls.feed(self._socket.recv(READ_SIZE))
        except ssl.SSLError as problem:
            self.close()
            raise ConnectFailed(f"{address.origin}: TLS failed: {describe(problem)}") from None
        except OSError as problem:
            self.close()
            raise ConnectFailed(f"{address.origin}: {problem.strerror or problem}") from None

    def watch(self, on_data: DataHandler, on_end: EndHandler) -> None:
        """From now on hand every read to `on_data`, and the end, with its reason, to `on_end` once."""
        self._on_data, self._on_end = on_data, on_end
        self._watcher = get_hub().loop.io(self._socket.fileno(), 1)
        self._watcher.start(self._readable)

    def send(self, data: bytes) -> None:
        """Send all of `data`; StreamEnded when the connection is gone."""
        if self._tls is not None:
            self._tls.send(data)
            data = self._tls.data_to_send()
        try:
            self._send_all(data)
        except OSError as problem:
            raise StreamEnded(f"the connection is gone: {problem.strerror or problem}") from None

    def _send_all(self, data: bytes) -> None:
        while data:
            try:
                data = data[self._socket.send(data) :]
            except BlockingIOError:
                gevent.socket.wait_write(self._socket.fileno())

    def _readable(self) -> None:
        try:
            read = receive(self._socket, READ_SIZE, self._previous_ns)
            self._previous_ns = emptied_ns(read, READ_SIZE)
            if not read.data:
                self._end("the server closed the connection")
                return
            data = read.data if self._tls is None else self._decrypt(read.data)
            if data and self._on_data is not None:
                self._on_data(data, read.arrival)
        except BlockingIOError:
            return
        except (OSError, PeerError) as problem:
            self._end(str(problem))
        except Exception as defect:
            self._end(f"the generator failed: {type(defect).__name__}: {defect}")

    def _decrypt(self, data: bytes) -> bytes:
        assert self._tls is not None
        self._tls.feed(data)
        return self._tls.read()

    def _end(self, reason: str) -> None:
        self.close()
        if self._on_end is not None:
            self._on_end(reason)

    def close(self) -> None:
        """Stop reading and close the socket."""
        if self._watcher is not None:
            self._watcher.stop()
            self._watcher.close()
            self._watcher = None
        self._socket.close()
