"""How far the reported arrival is from the true one while the generator is stalled at random."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from time import sleep

from benchmarks.arithmetic import Containment, KeptRead, arrival_errors_ms, containment, percentile, reads_of
from benchmarks.generators import Generator, Load, result_of, started
from benchmarks.holding import wait_for
from benchmarks.processes import BenchmarkFailed
from benchmarks.stamped import stamped_server

STALL_S = 0.2
STREAMS = 50
RATE = 100
#: A second's events of a stream in flight together: hundredths of a second apart, well within a stall.
BURST = 5
SPACING_SLOTS = 3


def _reads(generator: Generator, burst: int, seconds: float, folder: Path) -> Sequence[KeptRead]:
    folder.mkdir(parents=True)
    load = Load(STREAMS, RATE, {"BENCH_STALL_S": str(STALL_S), "BENCH_ARRIVALS": "1"})
    with stamped_server(folder) as server:
        with started(generator, server, load, folder / "generator") as waiting:
            waiting.go()
            wait_for(server, waiting.child, STREAMS, 60)
            server.control(interval_s=1.0, burst=burst, spacing_slots=SPACING_SLOTS)
            sleep(seconds)
            server.control(interval_s=0)
            sleep(2 * STALL_S)
        reads = reads_of(result_of(folder / "generator")["reads"])
    if not reads:
        raise BenchmarkFailed(f"{generator.name} kept no read")
    return reads


def p99_error_ms(generator: Generator, seconds: float, folder: Path) -> float:
    """One event in flight per read: the 99th percentile of reported arrival less moment of sending."""
    return percentile(arrival_errors_ms(_reads(generator, 1, seconds, folder)), 0.99)


def intervals(generator: Generator, seconds: float, folder: Path) -> Containment:
    """Several events in flight: whether the true arrivals lie in the reported intervals."""
    return containment(_reads(generator, BURST, seconds, folder))
