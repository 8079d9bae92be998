"""What the server counts, in a registry of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, ProcessCollector, generate_latest

SURFACES = ("sse", "rt", "kit", "cmp", "agui", "ws", "page")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Metrics:
    """Open streams and events sent by surface, requests by method and status, the process's own figures.

    The last (resident memory among them) exist where there is a ``/proc``.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        streams = Gauge("open_streams", "Streams and sockets open now.", ["surface"], registry=self.registry)
        events = Counter("events_sent", "Events and messages sent.", ["surface"], registry=self.registry)
        self._streams = {surface: streams.labels(surface) for surface in SURFACES}
        self._events = {surface: events.labels(surface) for surface in SURFACES}
        self._requests = Counter("requests", "Requests answered.", ["method", "status"], registry=self.registry)
        ProcessCollector(registry=self.registry)

    @contextmanager
    def open(self, surface: str) -> Iterator[None]:
        """Count one open stream or socket of `surface`."""
        gauge = self._streams[surface]
        gauge.inc()
        try:
            yield
        finally:
            gauge.dec()

    def count_event(self, surface: str) -> None:
        """Count one event sent on `surface`."""
        self._events[surface].inc()

    def count_request(self, method: str, status: int) -> None:
        """Count one answered request; methods that clients make up share one label."""
        self._requests.labels(method if method in METHODS else "other", str(status)).inc()

    def page(self) -> bytes:
        """The metrics in the Prometheus text format."""
        return generate_latest(self.registry)
