"""Whether a server with a known added delay is put into the right band."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from time import sleep
from types import MappingProxyType

from benchmarks import ours
from benchmarks.generators import Generator, Load, started
from benchmarks.holding import wait_for
from benchmarks.processes import BenchmarkFailed
from benchmarks.stamped import stamped_server

#: The delay in milliseconds, and the band of the documented connection latency that it belongs in.
EXPECTED: Mapping[int, str] = MappingProxyType({50: "excellent", 250: "good", 400: "degraded"})
STREAMS = 30
RATE = 10


def share_in_right_band(generator: Generator, delay_ms: int, folder: Path) -> float:
    """The share of connections that our engine puts where the delay belongs; 1 is all of them."""
    folder.mkdir(parents=True)
    with stamped_server(folder) as server:
        server.control(delay_ms=delay_ms)
        with started(generator, server, Load(STREAMS, RATE), folder / "generator") as waiting:
            waiting.go()
            wait_for(server, waiting.child, STREAMS, 60)
            sleep(1)
        shares = ours.recorded(folder / "generator").connect_bands
    if shares is None:
        raise BenchmarkFailed("our engine recorded no connection latency")
    found: float = getattr(shares, EXPECTED[delay_ms])
    return found
