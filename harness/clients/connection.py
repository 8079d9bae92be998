"""One TCP or TLS connection whose every read carries its receive stamp.

Writing never blocks the reader: what cannot go out at once waits in a buffer that the loop empties.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import struct
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from pulsegate.harness.clients.dial import connect_failed, dial
from pulsegate.harness.clients.options import ConnectOptions
from pulsegate.harness.clients.proxy import Tunnel, proxy_for
from pulsegate.harness.errors import ProtocolViolation, StreamEnded, TimedOut
from pulsegate.harness.timing.arrival import Read
from pulsegate.harness.wire.address import Address, parse_address
from pulsegate.harness.wire.stamps import enable_stamps, receive
from pulsegate.harness.wire.tls import TlsChannel, client_context


@dataclass(frozen=True, slots=True)
class ConnectTimes:
    """When a connection was begun, when TCP stood, and when TLS did (None without TLS); ns since the epoch."""

    started_ns: int
    tcp_ns: int
    tls_ns: int | None = None


class Receiver(Protocol):
    """What a connection tells whoever reads it."""

    def read_received(self, read: Read) -> None:
        """Bytes came; `read.data` is empty once, when the peer ended its direction."""

    def connection_lost(self, problem: OSError | ProtocolViolation) -> None:
        """The connection broke: a reset, or bytes that are no TLS. Nothing comes after it."""


class Connection:
    """A connection that is open; `Connection.open` makes one."""

    def __init__(self, sock: socket.socket, started_ns: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._sock = sock
        self._tls: TlsChannel | None = None
        self._outgoing = bytearray()
        self._write_problem: OSError | None = None
        self._end_after_writing = False
        self._drained: list[asyncio.Future[None]] = []
        self._receiver: Receiver | None = None
        self._undelivered: list[Read] = []
        self._previous_ns = time.time_ns()
        self.times = ConnectTimes(started_ns, self._previous_ns)
        self.kernel_stamps = enable_stamps(sock)
        self.closed = False

    @classmethod
    async def open(cls, url: str, options: ConnectOptions) -> Connection:
        """Connect to the host of `url`; ConnectFailed says in one sentence why it cannot be."""
        address = parse_address(url)
        proxy = proxy_for(address) if options.use_proxies else None
        place = proxy or address
        started_ns = time.time_ns()
        connection: Connection | None = None
        try:
            async with asyncio.timeout(options.connect_timeout_s):
                connection = cls(await dial(place.host, place.port, options.connect_timeout_s), started_ns)
                if proxy is not None:
                    await connection._open_tunnel(Tunnel(proxy, address))
                if address.secure:
                    await connection._start_tls(address, options)
        except (OSError, ProtocolViolation, UnicodeError) as problem:
            if connection is not None:
                connection.abort()
            via = proxy.origin if proxy is not None else ""
            raise connect_failed(address, problem, options.connect_timeout_s, via) from None
        except BaseException:
            if connection is not None:
                connection.abort()
            raise
        return connection

    async def _open_tunnel(self, tunnel: Tunnel) -> None:
        self.write(tunnel.request())
        while not tunnel.established:
            read = await self._read_socket()
            tunnel.receive_data(read.data)

    async def _start_tls(self, address: Address, options: ConnectOptions) -> None:
        tls = TlsChannel(client_context(options.ca_file, options.insecure), address.host)
        try:
            tls.do_handshake()
            while not tls.established:
                self._write_socket(tls.data_to_send())
                tls.feed((await self._read_socket()).data)
                tls.do_handshake()
        finally:
            self._write_socket(tls.data_to_send())
        self._tls = tls
        self.times = ConnectTimes(self.times.started_ns, self.times.tcp_ns, time.time_ns())

    async def receive(self, timeout_s: float) -> Read:
        """The next read; `data` is empty at the end. Not to be mixed with `start_reading`.

        Raises TimedOut, StreamEnded after a reset, or ProtocolViolation for bytes that are no TLS.
        """
        try:
            async with asyncio.timeout(timeout_s):
                while not self._undelivered:
                    self._undelivered += self._decrypt(await self._read_socket())
        except TimeoutError:
            raise TimedOut(f"nothing arrived within {timeout_s:g} s") from None
        except OSError as problem:
            raise StreamEnded(f"the connection broke: {words(problem)}") from None
        return self._undelivered.pop(0)

    def start_reading(self, receiver: Receiver) -> None:
        """Give `receiver` every read from now on, as soon as it comes."""
        self._receiver = receiver
        self._loop.add_reader(self._sock.fileno(), self._on_readable)

    def stop_reading(self) -> None:
        """Give nobody anything any more; what comes stays in the kernel."""
        if self._receiver is not None:
            self._receiver = None
            self._loop.remove_reader(self._sock.fileno())

    def write(self, data: bytes) -> None:
        """Send `data` as the socket takes it; when the connection broke, the reader learns why."""
        if self._tls is None:
            self._write_socket(data)
        elif not self.closed:
            self._tls.send(data)
            self._write_socket(self._tls.data_to_send())

    def write_eof(self) -> None:
        """End the sending direction once everything written has gone out."""
        if self._tls is None:
            self._end_after_writing = True
        elif not self.closed:
            self._tls.send_end()
            self._write_socket(self._tls.data_to_send())
        self._flush()

    async def send(self, data: bytes, timeout_s: float) -> None:
        """Write `data`, and `drain`."""
        self.write(data)
        await self.drain(timeout_s)

    async def drain(self, timeout_s: float) -> None:
        """Wait until the kernel has all that was written; StreamEnded or TimedOut when it never does."""
        try:
            async with asyncio.timeout(timeout_s):
                while self._outgoing:
                    await self._until_drained()
        except TimeoutError:
            raise TimedOut(f"{len(self._outgoing)} bytes could not be sent within {timeout_s:g} s") from None
        if self._write_problem is not None:
            raise StreamEnded(f"the connection broke while sending: {words(self._write_problem)}")

    def close(self) -> None:
        """Close the connection; what the socket does not take at once is not sent."""
        if self.closed:
            return
        with suppress(ProtocolViolation):
            self.write_eof()
        self._end(OSError(errno.EBADF, "it was closed here"))

    def abort(self) -> None:
        """Reset the connection (RST)."""
        if not self.closed:
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._end(OSError(errno.EBADF, "it was reset here"))

    def _end(self, why: OSError) -> None:
        self.stop_reading()
        self._writing_failed(why)
        self.closed = True
        self._sock.close()

    async def _read_socket(self) -> Read:
        while True:
            try:
                return self._read_now()
            except (BlockingIOError, InterruptedError):
                await self._until_readable()

    def _read_now(self) -> Read:
        read, self._previous_ns = receive(self._sock, self._previous_ns)
        return read

    async def _until_readable(self) -> None:
        readable: asyncio.Future[None] = self._loop.create_future()
        self._loop.add_reader(self._sock.fileno(), _wake, readable)
        try:
            await readable
        finally:
            self._loop.remove_reader(self._sock.fileno())

    def _on_readable(self) -> None:
        try:
            reads = self._decrypt(self._read_now())
        except (BlockingIOError, InterruptedError):
            return
        except (OSError, ProtocolViolation) as problem:
            receiver = self._receiver
            self.stop_reading()
            if receiver is not None:
                receiver.connection_lost(problem)
            return
        for read in reads:
            receiver = self._receiver
            if receiver is None:
                return
            if not read.data:
                self.stop_reading()
            receiver.read_received(read)

    def _decrypt(self, read: Read) -> list[Read]:
        """What `read` yields: itself, or the plain bytes of its TLS records, and then the end."""
        if self._tls is None:
            return [read]
        self._tls.feed(read.data)
        plain = self._tls.read()
        self._write_socket(self._tls.data_to_send())
        reads = [Read(plain, read.arrival)] if plain else []
        if self._tls.closed:
            reads.append(Read(b"", read.arrival))
        return reads

    def _write_socket(self, data: bytes) -> None:
        if self._write_problem is None and data:
            self._outgoing += data
            self._flush()

    def _flush(self) -> None:
        try:
            while self._outgoing:
                with memoryview(self._outgoing) as waiting:
                    sent = self._sock.send(waiting)
                del self._outgoing[:sent]
            if self._end_after_writing:
                self._sock.shutdown(socket.SHUT_WR)
        except (BlockingIOError, InterruptedError):
            self._loop.add_writer(self._sock.fileno(), self._flush)
            return
        except OSError as problem:
            self._writing_failed(problem)
            return
        self._writing_over()

    def _writing_failed(self, problem: OSError) -> None:
        self._write_problem = self._write_problem or problem
        self._outgoing.clear()
        self._writing_over()

    def _writing_over(self) -> None:
        if not self.closed:
            self._loop.remove_writer(self._sock.fileno())
        for waiting in self._drained:
            _wake(waiting)
        self._drained.clear()

    async def _until_drained(self) -> None:
        drained: asyncio.Future[None] = self._loop.create_future()
        self._drained.append(drained)
        await drained


def _wake(waiting: asyncio.Future[None]) -> None:
    if not waiting.done():
        waiting.set_result(None)


def words(problem: OSError) -> str:
    """What the system says, without the number."""
    return problem.strerror or str(problem) or type(problem).__name__
