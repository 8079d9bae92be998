"""What the fault-injecting relay costs: the latency it adds, and what it needs of a core at a high rate of events."""

from __future__ import annotations

import json
import re
import selectors
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import monotonic, time_ns

from benchmarks.processes import BenchmarkFailed, Child, python_module, running
from benchmarks.stamped import Stamped, stamped_server

_REQUEST = b"GET /api/copilotkit HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n"
_STAMP = re.compile(rb'"stamp":\[\d+,\d+,(\d+),')
#: Streams of each way, and events a second of each of them, where latency is measured: nothing else is busy then.
QUIET_STREAMS, QUIET_RATE = 25, 4.0
#: Streams, and events a second of each of them, where the relay is to keep up.
BUSY_STREAMS, BUSY_RATE = 1000, 20.0
_START_LIMIT_S = 15.0
_DRAIN_S = 1.0
_DRAIN_LIMIT_S = 20.0


@dataclass(frozen=True)
class RelayCost:
    """Latencies are medians from the server's stamp to the reader, in milliseconds; `cpu` is a share of one core."""

    direct_ms: float
    through_ms: float
    events_per_s: float
    busy_through_ms: float
    missing: int
    cpu: float

    @property
    def added_ms(self) -> float:
        """What the relay adds at the median."""
        return self.through_ms - self.direct_ms

    @property
    def us_per_event(self) -> float:
        """The relay's CPU time for each event."""
        return 1e6 * self.cpu / self.events_per_s


class Reader:
    """Opens streams, and notes how old each event is when it is read."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._sockets: list[socket.socket] = []
        #: By port, in nanoseconds.
        self.ages: dict[int, list[int]] = {}

    def open(self, port: int, number: int) -> None:
        """Open `number` streams at `port`."""
        ages = self.ages.setdefault(port, [])
        for _ in range(number):
            stream = socket.create_connection(("127.0.0.1", port), timeout=10)
            self._sockets.append(stream)
            stream.sendall(_REQUEST)
            self._selector.register(stream, selectors.EVENT_READ, ages)

    def read(self, seconds: float) -> int:
        """Read for so long; how many events came."""
        end, events = monotonic() + seconds, 0
        while (left := end - monotonic()) > 0:
            for key, _ in self._selector.select(left):
                assert isinstance(key.fileobj, socket.socket)
                data, now = key.fileobj.recv(65_536), time_ns()
                if not data:
                    raise BenchmarkFailed("a stream ended")
                stamps = _STAMP.findall(data)
                key.data.extend(now - int(one) for one in stamps)
                events += len(stamps)
        return events

    def forget(self) -> None:
        """Forget the ages so far."""
        for ages in self.ages.values():
            ages.clear()

    def close(self) -> None:
        """Close all streams."""
        self._selector.close()
        for one in self._sockets:
            one.close()


@contextmanager
def relay_to(port: int, folder: Path) -> Iterator[tuple[int, Child]]:
    """A relay to `port`: its own port, and its process."""
    log = folder / "relay.log"
    with running(python_module("pulsegate.harness.chaos", "127.0.0.1", str(port), "0"), log) as child:
        child.wait_until(lambda: log.read_text().endswith("\n"), _START_LIMIT_S, "the relay's port")
        yield int(json.loads(log.read_text())["port"]), child


def relay_cost(seconds: float, folder: Path) -> RelayCost:
    """Both measurements, `seconds` each; direct streams and relayed ones are held side by side for the latency."""
    folder.mkdir(parents=True)
    with ExitStack() as stack:
        server = stack.enter_context(stamped_server(folder))
        port, child = stack.enter_context(relay_to(server.port, folder))
        reader = Reader()
        stack.callback(reader.close)
        direct_ms, through_ms = _latencies(reader, server, port, seconds)
        busy = Reader()
        stack.callback(busy.close)
        return _busy(busy, server, port, child, (direct_ms, through_ms, seconds))


def _latencies(reader: Reader, server: Stamped, port: int, seconds: float) -> tuple[float, float]:
    for _ in range(QUIET_STREAMS):
        for where in (server.port, port):
            reader.open(where, 1)
    server.control(interval_s=1 / QUIET_RATE)
    reader.read(1.0)
    reader.forget()
    reader.read(seconds)
    server.control(interval_s=0)
    reader.read(_DRAIN_S)
    direct, through = (_median_ms(reader.ages[where]) for where in (server.port, port))
    reader.close()
    return direct, through


def _busy(reader: Reader, server: Stamped, port: int, child: Child, quiet: tuple[float, float, float]) -> RelayCost:
    direct_ms, through_ms, seconds = quiet
    sent_before = server.stats().events
    reader.open(port, BUSY_STREAMS)
    received = reader.read(_DRAIN_S)
    server.control(interval_s=1 / BUSY_RATE)
    received += reader.read(1.0)
    reader.forget()
    before, events, began = child.usage(), server.stats().events, monotonic()
    received += reader.read(seconds)
    after, took = child.usage(), monotonic() - began
    server.control(interval_s=0)
    rate = (server.stats().events - events) / took
    ages = _median_ms(reader.ages[port])
    sent = server.stats().events - sent_before
    deadline = monotonic() + _DRAIN_LIMIT_S
    while received < sent and monotonic() < deadline:
        received += reader.read(_DRAIN_S)
    cpu = (after.cpu_ns - before.cpu_ns) / 1e9 / took
    return RelayCost(direct_ms, through_ms, rate, ages, sent - received, cpu)


def _median_ms(ages: Sequence[int]) -> float:
    if not ages:
        raise BenchmarkFailed("no event came")
    return median(ages) / 1e6
