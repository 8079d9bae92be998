"""The floor: what a generator costs that does nothing but read, parse and count (uvloop, C parser, JSON)."""

from __future__ import annotations

import argparse
import asyncio
import json
from itertools import count
from pathlib import Path
from typing import cast

import httptools
import uvloop

from benchmarks import frames
from benchmarks.pause import ready_and_go

_BATCHES_PER_S = 20
_KEY = "MDEyMzQ1Njc4OWFiY2RlZg=="


class Counts:
    """What all connections count together."""

    events = 0


class StreamConnection(asyncio.Protocol):
    """One event stream."""

    __slots__ = ("_counts", "_parser", "_rest")

    def __init__(self, counts: Counts) -> None:
        self._counts = counts
        self._parser = httptools.HttpResponseParser(self)
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the stream."""
        writable = cast(asyncio.Transport, transport)  # uvloop's own does not say that it is one
        writable.write(b"GET /api/copilotkit HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n")

    def data_received(self, data: bytes) -> None:
        """Into the parser."""
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        """Count the events; called by the parser."""
        *events, self._rest = (self._rest + body).split(b"\n\n")
        for event in events:
            json.loads(event[6:])
            self._counts.events += 1


class SocketConnection(asyncio.Protocol):
    """One WebSocket; sends a heartbeat a second once it is open."""

    __slots__ = ("_buffer", "_counts", "_numbers", "_open", "_transport")

    def __init__(self, counts: Counts) -> None:
        self._counts = counts
        self._buffer = bytearray()
        self._numbers = count(1)
        self._open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        writable = cast(asyncio.Transport, transport)  # uvloop's own does not say that it is one
        self._transport = writable
        writable.write(
            b"GET /api/copilotkit/ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + _KEY.encode() + b"\r\n\r\n"
        )

    def data_received(self, data: bytes) -> None:
        """The head first, then frames."""
        self._buffer += data
        if not self._open:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            del self._buffer[: end + 4]
            self._open = True
            self._beat()
        for _, payload in frames.take_frames(self._buffer):
            json.loads(payload)
            self._counts.events += 1

    def _beat(self) -> None:
        if not self._transport.is_closing():
            beat = {"type": "heartbeat", "id": f"beat-{next(self._numbers)}", "payload": {}}
            self._transport.write(frames.frame(json.dumps(beat).encode(), masked=True))
            asyncio.get_running_loop().call_later(1.0, self._beat)


async def hold(kind: type[StreamConnection | SocketConnection], port: int, number: int, rate: int) -> None:
    """Open `number` connections, `rate` a second, and hold them."""
    counts = Counts()
    loop = asyncio.get_running_loop()
    batch = max(1, rate // _BATCHES_PER_S)
    due = loop.time()
    for start in range(0, number, batch):
        for _ in range(start, min(number, start + batch)):
            await loop.create_connection(lambda: kind(counts), "127.0.0.1", port)
        due += batch / rate
        await asyncio.sleep(max(0.0, due - loop.time()))
    await asyncio.Event().wait()


def main() -> None:
    """Hold connections until ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=("sse", "ws"))
    for name in ("port", "number", "rate"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    given = parser.parse_args()
    kind = StreamConnection if given.kind == "sse" else SocketConnection
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.get_loop()
        ready_and_go(given.folder)
        runner.run(hold(kind, given.port, given.number, given.rate))


if __name__ == "__main__":
    main()
