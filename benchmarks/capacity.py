"""How many streams one worker of ours holds at an event a second, none lost, and how fast it opens them."""

from __future__ import annotations

import resource
from dataclasses import dataclass
from pathlib import Path
from time import sleep

from benchmarks import ours
from benchmarks.generators import Generator, Load, started
from benchmarks.holding import observe, opened_per_s, wait_for
from benchmarks.processes import BenchmarkFailed
from benchmarks.stamped import stamped_server

#: Descriptors that a process needs besides those of its connections.
SPARE_DESCRIPTORS = 200
#: How long what is in flight may take to be read once the server is silent.
DRAIN_S = 3.0


@dataclass(frozen=True)
class Capacity:
    """`missing` counts events that were sent and not recorded; `generator_cpu` is a share of one core."""

    streams: int
    seconds: float
    opened_per_s: float
    missing: int
    dropped: int
    valid: bool
    reasons: tuple[str, ...]
    generator_cpu: float
    server_cpu: float


def streams_possible(wanted: int) -> int:
    """`wanted`, or fewer where this machine does not allow a process that many descriptors."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return wanted if limit == resource.RLIM_INFINITY else min(wanted, limit - SPARE_DESCRIPTORS)


def capacity(generator: Generator, load: Load, seconds: float, folder: Path) -> Capacity:
    """Hold them for `seconds`, then compare what was sent with what was recorded."""
    folder.mkdir(parents=True)
    with stamped_server(folder) as server:
        with started(generator, server, load, folder / "generator") as waiting:
            waiting.go()
            wait_for(server, waiting.child, load.connections, 60 + 3 * load.connections / load.rate)
            rate = opened_per_s(server.stats())
            server.control(interval_s=1.0)
            sleep(2)
            window = observe(server, waiting.child, seconds, lambda stats: stats.events)
            server.control(interval_s=0)
            sleep(DRAIN_S)
            stats = server.stats()
        record = ours.recorded(folder / "generator")
    if not record.established:
        raise BenchmarkFailed("nothing was established")
    return Capacity(
        streams=stats.open, seconds=seconds, opened_per_s=rate,
        missing=stats.events - record.events, dropped=record.dropped,
        valid=record.validity.valid, reasons=tuple(record.validity.reasons),
        generator_cpu=window.generator_cpu_ns / 1e9 / window.seconds,
        server_cpu=window.server_cpu_ns / 1e9 / window.seconds,
    )  # fmt: skip
