"""What the server counts, in a registry of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, ProcessCollector, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

#: Where prometheus_client keeps the figures of several processes; empty for one process.
WORKERS_DIRECTORY = os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")
#: What can be added up of what `ProcessCollector` says of one process.
ADDED_UP = {
    "process_resident_memory_bytes": "Resident memory size in bytes, of all workers.",
    "process_virtual_memory_bytes": "Virtual memory size in bytes, of all workers.",
    "process_cpu_seconds_total": "Total user and system CPU time spent in seconds, by the workers that are alive.",
    "process_open_fds": "Number of open file descriptors, of all workers.",
}
SURFACES = ("sse", "rt", "kit", "cmp", "agui", "ws", "page")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Metrics:
    """Open streams and events sent by surface, requests by method and status, the process's own figures.

    The last (resident memory among them) exist where there is a ``/proc``. One of several workers shows the sums of
    all of them, which they keep in the files of `WORKERS_DIRECTORY`.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        streams = Gauge(
            "open_streams",
            "Streams and sockets open now.",
            ["surface"],
            registry=self.registry,
            multiprocess_mode="livesum",
        )
        events = Counter("events_sent", "Events and messages sent.", ["surface"], registry=self.registry)
        self._streams = {surface: streams.labels(surface) for surface in SURFACES}
        self._events = {surface: events.labels(surface) for surface in SURFACES}
        self._requests = Counter("requests", "Requests answered.", ["method", "status"], registry=self.registry)
        self._slow = Counter(
            "slow_readers_dropped", "Clients dropped because they did not read.", registry=self.registry
        )
        self._unwritten = Counter("audit_lines_lost", "Audit lines that could not be written.", registry=self.registry)
        ProcessCollector(registry=self.registry)

    def count_open(self, surface: str, change: int) -> None:
        """Count a stream or socket of `surface` that opens (1) or closes (-1)."""
        self._streams[surface].inc(change)

    def count_event(self, surface: str) -> None:
        """Count one event sent on `surface`."""
        self._events[surface].inc()

    def event_counter(self, surface: str) -> Callable[[], None]:
        """What counts an event sent on `surface` at each call: for those who send many."""
        return self._events[surface].inc

    def count_request(self, method: str, status: int) -> None:
        """Count one answered request; methods that clients make up share one label."""
        self._requests.labels(method if method in METHODS else "other", str(status)).inc()

    def count_slow_reader(self) -> None:
        """Count one client that was dropped because it did not read."""
        self._slow.inc()

    def count_lost_audit_line(self) -> None:
        """Count one line of the audit log that could not be written."""
        self._unwritten.inc()

    def page(self) -> bytes:
        """The metrics in the Prometheus text format."""
        if not WORKERS_DIRECTORY:
            return generate_latest(self.registry)
        all_workers = CollectorRegistry()
        MultiProcessCollector(all_workers, WORKERS_DIRECTORY)  # type: ignore[no-untyped-call]  # its lack
        all_workers.register(WorkerProcesses(WORKERS_DIRECTORY))
        return generate_latest(all_workers)


class WorkerProcesses(Collector):
    """What the worker processes use, added up. `directory` holds a file of gauges for each that is alive."""

    def __init__(self, directory: str) -> None:
        self._directory = Path(directory)

    def collect(self) -> Iterator[Metric]:
        """One metric each of `ADDED_UP`."""
        sums = dict.fromkeys(ADDED_UP, 0.0)
        workers = [int(file.stem.rpartition("_")[2]) for file in self._directory.glob("gauge_livesum_*.db")]
        for pid in workers:
            for metric in ProcessCollector(pid=partial(int, pid), registry=None).collect():
                for sample in metric.samples:
                    if sample.name in sums:
                        sums[sample.name] += sample.value
        yield GaugeMetricFamily("workers", "Worker processes that are alive.", value=len(workers))
        for name, value in sums.items():
            yield GaugeMetricFamily(name, ADDED_UP[name], value=value)
