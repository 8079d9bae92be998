"""The stamped server: event streams, WebSockets that echo, completions; each event carries when it was sent.

A bare asyncio Protocol, because its transport sends at once (uvloop's waits for the end of the loop's turn, and the
stamp would be early). ``GET /control?...`` sets the pace, ``GET /stats`` tells what was sent. Loopback only.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass, field
from urllib.parse import parse_qsl, urlsplit

from benchmarks import frames
from benchmarks.ticker import Emitter, Pace, Ticker

#: How many tokens a completion has.
TOKENS = 5
#: A WebSocket asked for with this query is not greeted: Artillery takes any message for the answer to its own.
SILENT = "silent"
_STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
    b"Cache-Control: no-cache\r\nTransfer-Encoding: chunked\r\n\r\n"
)
_GREETING = b'{"type":"connection","payload":{"status":"connected"},"id":"greeting"}'


@dataclass
class Stats:
    """What the server has done so far; times in nanoseconds since the epoch."""

    open: int = 0
    opened: int = 0
    closed: int = 0
    events: int = 0
    echoes: int = 0
    first_open_ns: int = 0
    last_open_ns: int = 0


@dataclass
class State:
    """What all connections share."""

    ticker: Ticker = field(default_factory=Ticker)
    stats: Stats = field(default_factory=Stats)
    delay_s: float = 0.0

    def control(self, wanted: dict[str, str]) -> None:
        """Set what `wanted` names: ``delay_ms``, ``once``, or ``interval_s`` with ``burst`` and ``spacing_slots``."""
        if "delay_ms" in wanted:
            self.delay_s = float(wanted["delay_ms"]) / 1000
        if "once" in wanted:
            self.ticker.tick_once()
        if "interval_s" in wanted:
            burst, spacing = int(wanted.get("burst", "1")), int(wanted.get("spacing_slots", "0"))
            self.ticker.set_pace(Pace(float(wanted["interval_s"]), burst, spacing))


class Connection(asyncio.Protocol):
    """One connection: a request, and then what it asked for."""

    __slots__ = ("_buffer", "_held", "_number", "_sent_ns", "_sequence", "_slot", "_state", "_transport", "_upgraded")

    def __init__(self, state: State) -> None:
        self._state = state
        self._buffer = bytearray()
        self._upgraded = self._held = False
        self._number = self._sequence = self._sent_ns = 0
        self._slot: dict[Emitter, None] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to write."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Out of the ticker, and counted."""
        self._slot.pop(self, None)
        if self._held:
            self._state.stats.open -= 1
            self._state.stats.closed += 1

    def data_received(self, data: bytes) -> None:
        """A request, or frames."""
        self._buffer += data
        if self._upgraded:
            self._echo()
        elif (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = bytes(self._buffer[:end])
            del self._buffer[: end + 4]
            self._answer(head)

    def _answer(self, head: bytes) -> None:
        line, *lines = head.split(b"\r\n")
        method, target = line.split(b" ")[:2]
        path = urlsplit(target.decode("latin-1"))
        if path.path == "/stats":
            self._reply(asdict(self._state.stats))
        elif path.path == "/control":
            self._state.control(dict(parse_qsl(path.query)))
            self._reply({})
        elif key := _header(lines, b"sec-websocket-key"):
            self._upgrade(key, greet=path.query != SILENT)
        else:
            start = self._start_stream if method == b"GET" else self._start_completion
            asyncio.get_running_loop().call_later(self._state.delay_s, start)

    def _reply(self, value: dict[str, int]) -> None:
        body = json.dumps(value).encode()
        self._transport.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        self._transport.close()

    def _hold(self) -> None:
        stats = self._state.stats
        self._held = True
        stats.open += 1
        stats.opened += 1
        stats.last_open_ns = time.time_ns()
        stats.first_open_ns = stats.first_open_ns or stats.last_open_ns
        self._number = stats.opened

    def _start_stream(self) -> None:
        if self._transport.is_closing():
            return
        self._hold()
        self._slot = self._state.ticker.add(self)
        self._transport.write(_STREAM_HEAD)
        self._send(b"connection")

    def emit(self) -> None:
        """Send a heartbeat."""
        self._send(b"heartbeat")

    def _send(self, kind: bytes) -> None:
        self._sequence += 1
        self._state.stats.events += 1
        last_sent_ns, emitted_ns = self._sent_ns, time.time_ns()
        event = b'data: {"type":"%s","timestamp":%d,"stamp":[%d,%d,%d,%d]}\n\n' % (
            kind, emitted_ns // 1_000_000, self._number, self._sequence, emitted_ns, last_sent_ns,
        )  # fmt: skip
        self._transport.write(b"%x\r\n%b\r\n" % (len(event), event))
        self._sent_ns = time.time_ns()

    def _start_completion(self) -> None:
        if self._transport.is_closing():
            return
        self._transport.write(_STREAM_HEAD)
        for number in range(TOKENS):
            delta = {"role": "assistant", "content": ""} if number == 0 else {"content": f"word{number} "}
            self._send_chunk({"id": "c", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta}]})
        self._send_chunk(
            {
                "id": "c",
                "object": "chat.completion.chunk",
                "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}],
            }
        )
        self._transport.write(b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n")

    def _send_chunk(self, value: object) -> None:
        event = b"data: %b\n\n" % json.dumps(value).encode()
        self._transport.write(b"%x\r\n%b\r\n" % (len(event), event))

    def _upgrade(self, key: bytes, *, greet: bool) -> None:
        self._upgraded = True
        self._hold()
        head = (
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
        )
        self._transport.write(head + frames.accept_key(key) + b"\r\n\r\n")
        if greet:
            self._transport.write(frames.frame(_GREETING))
        self._echo()

    def _echo(self) -> None:
        for opcode, payload in frames.take_frames(self._buffer):
            if opcode == frames.TEXT:
                self._state.stats.echoes += 1
                self._transport.write(frames.frame(payload))
            elif opcode == frames.PING:
                self._transport.write(frames.frame(payload, opcode=frames.PONG))
            elif opcode == frames.CLOSE:
                self._transport.write(frames.frame(payload, opcode=frames.CLOSE))
                self._transport.close()


def _header(lines: list[bytes], name: bytes) -> bytes:
    for line in lines:
        key, _, value = line.partition(b":")
        if key.strip().lower() == name:
            return value.strip()
    return b""


async def serve() -> None:
    """Listen, say where on standard output, and serve until standard input ends."""
    state = State()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(state), "127.0.0.1", 0, backlog=4096)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve())
