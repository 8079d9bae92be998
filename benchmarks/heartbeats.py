"""What a heartbeat stream costs the server that sends it: the reference server beside a plain endpoint."""

from __future__ import annotations

import json
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import sleep

from benchmarks.arithmetic import percentile
from benchmarks.processes import BenchmarkFailed, Child, python_module, running

REFERENCE = "the reference server"
PLAIN = "a plain endpoint"
SERVERS = (REFERENCE, PLAIN)

INTERVAL_S = 1.0
OPEN_RATE = 1000
#: Streams that come and go first, so that what a server makes once is no stream's cost.
WARM_UP = 50
SETTLE_S = 3.0
START_LIMIT_S = 20.0


@dataclass(frozen=True)
class HeartbeatCost:
    """One server in one round; the lateness is that of the beats' arrivals, 99th percentile."""

    kb_per_stream: float
    us_per_beat: float
    late_p99_ms: float


def heartbeat_cost(name: str, streams: int, seconds: float, folder: Path) -> HeartbeatCost:
    """Hold `streams`, an event a second each, and look at the server for `seconds`; BenchmarkFailed."""
    folder.mkdir(parents=True)
    with _serving(name, folder) as (server, port):
        with _reading(port, WARM_UP, folder / "warm-up"):
            sleep(SETTLE_S)
        before = server.usage()
        with _reading(port, streams, folder / "reader") as reader:
            sleep(SETTLE_S)
            reader.process.send_signal(signal.SIGUSR1)
            held = server.usage()
            sleep(seconds)
            after = server.usage()
    result = json.loads((folder / "reader/result.json").read_text("ascii"))
    late_ms: list[float] = result["late_ms"]
    if result["open"] != streams or result["lost"] or len(late_ms) < 0.9 * streams * seconds / INTERVAL_S:
        raise BenchmarkFailed(
            f"{name}: {result['open']} of {streams} streams were open, {result['lost']} were lost, "
            f"{len(late_ms)} heartbeats came in {seconds:g} s"
        )
    return HeartbeatCost(
        (held.memory_bytes - before.memory_bytes) / 1000 / streams,
        (after.cpu_ns - held.cpu_ns) / 1000 / len(late_ms),
        percentile(late_ms, 0.99),
    )


@contextmanager
def _serving(name: str, folder: Path) -> Iterator[tuple[Child, int]]:
    port = _free_port()
    if name == REFERENCE:
        command = python_module(
            "pulsegate.reference_server", "--port", str(port), "--heartbeat", str(INTERVAL_S), "--log-level", "warning"
        )
    else:
        command = python_module("benchmarks.plain_endpoint", "--port", str(port), "--heartbeat", str(INTERVAL_S))
    with running(command, folder / "server.log") as server:
        server.wait_until(lambda: _listens(port), START_LIMIT_S, f"{name}: its port")
        yield server, port


@contextmanager
def _reading(port: int, streams: int, folder: Path) -> Iterator[Child]:
    folder.mkdir()
    command = python_module(
        "benchmarks.heartbeat_reader", "--port", str(port), "--number", str(streams), "--rate", str(OPEN_RATE),
        "--interval", str(INTERVAL_S), "--folder", str(folder),
    )  # fmt: skip
    with running(command, folder / "log") as reader:
        limit_s = 30 + 3 * streams / OPEN_RATE
        reader.wait_until(lambda: _open(folder) == streams, limit_s, f"{streams} streams")
        yield reader


def _open(folder: Path) -> int:
    file = folder / "open"
    return int(file.read_text("ascii")) if file.exists() else 0


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
