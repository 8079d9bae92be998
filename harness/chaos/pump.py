"""One direction of a relayed connection: what is readable here is sent there, at once and uncopied where possible."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

READ_SIZE = 65_536


class Pump:
    """Reads `source` and hands on what comes; `send` writes to `sink`. Reading stops while the sink is full.

    `taken` gets what was read; `ended` is told that nothing more comes; `lost` gets the side that is gone for good.
    """

    __slots__ = (
        "_backlog",
        "_closing",
        "_loop",
        "_lost",
        "_paused",
        "_reading",
        "_sink",
        "_source",
        "_writing",
        "ended",
        "open",
        "taken",
    )

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        source: socket.socket,
        sink: socket.socket,
        taken: Callable[[bytes], None],
        *,
        ended: Callable[[], None],
        lost: Callable[[socket.socket], None],
    ) -> None:
        self._loop = loop
        self._source = source
        self._sink = sink
        self._backlog = bytearray()
        self._paused = self._closing = self._reading = self._writing = False
        self._lost = lost
        #: The source has not ended.
        self.open = True
        self.taken = taken
        self.ended = ended
        self._update()

    def _update(self) -> None:
        """Watch what is to be watched."""
        reads = self.open and not (self._paused or self._backlog)
        if reads and not self._reading:
            self._loop.add_reader(self._source, self._readable)
        elif self._reading and not reads:
            self._loop.remove_reader(self._source)
        self._reading = reads
        writes = bool(self._backlog)
        if writes and not self._writing:
            self._loop.add_writer(self._sink, self._writable)
        elif self._writing and not writes:
            self._loop.remove_writer(self._sink)
        self._writing = writes

    def pause(self) -> None:
        """Leave in the source what comes: its sender notices once the buffers are full."""
        self._paused = True
        self._update()

    def resume(self) -> None:
        """Read again."""
        self._paused = False
        self._update()

    def stop_reading(self) -> None:
        """Let go of the source, before it is closed."""
        self.open = False
        self._update()

    def release(self) -> None:
        """Let go of both sockets, before they are closed."""
        self._backlog.clear()
        self._closing = True
        self.stop_reading()

    def _readable(self) -> None:
        try:
            data = self._source.recv(READ_SIZE)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            self._lost(self._source)
            return
        if data:
            self.taken(data)
            return
        self.stop_reading()
        self.ended()

    def send(self, data: bytes) -> None:
        """Write to the sink; what it does not take waits, and nothing is read meanwhile."""
        if self._backlog:
            self._backlog += data
            return
        if self._closing:
            return
        try:
            sent = self._sink.send(data)
        except (BlockingIOError, InterruptedError):
            sent = 0
        except OSError:
            self._lost(self._sink)
            return
        if sent < len(data):
            self._backlog += data[sent:]
            self._update()

    def _writable(self) -> None:
        try:
            sent = self._sink.send(self._backlog)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            self._lost(self._sink)
            return
        del self._backlog[:sent]
        if not self._backlog:
            self._update()
            if self._closing:
                self._shut()

    def finish(self) -> None:
        """Say to the sink that nothing more comes, once all was sent."""
        self._closing = True
        if not self._backlog:
            self._shut()

    def _shut(self) -> None:
        try:
            self._sink.shutdown(socket.SHUT_WR)
        except OSError:  # it is gone already
            return
