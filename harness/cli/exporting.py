"""The figures of a load run for Prometheus, while it goes on."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import start_http_server
from prometheus_client.registry import Collector

from pulsegate.harness.errors import UsageError
from pulsegate.harness.loading.run import LoadRun

_QUANTILES = {"0.5": "p50", "0.9": "p90", "0.95": "p95", "0.99": "p99", "0.999": "p999"}


class Exporter(Collector):
    """Serves ``/metrics`` on 127.0.0.1 for as long as the run goes on; a context manager.

    Raises UsageError when the port is taken.
    """

    def __init__(self, run: LoadRun, port: int) -> None:
        self._run = run
        registry = CollectorRegistry(auto_describe=False)
        registry.register(self)
        try:
            self._server, self._thread = start_http_server(port, "127.0.0.1", registry)
        except OSError as problem:
            raise UsageError(f"--prometheus {port}: {problem.strerror or problem}") from None

    def __enter__(self) -> Exporter:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def collect(self) -> Iterator[Metric]:
        """The figures as they are now."""
        with self._run.lock:
            yield from self._gauges()
            yield from self._latencies()

    def _gauges(self) -> Iterator[Metric]:
        totals = self._run.totals
        sums = totals.counters
        yield GaugeMetricFamily("pulsegate_live_connections", "Open connections.", totals.live)
        valid = totals.doubts.validity(sums).valid
        yield GaugeMetricFamily("pulsegate_valid", "1 while nothing speaks against the run.", int(valid))
        for name in ("attempted", "established", "dropped", "sent", "completed", "failed", "events", "beats", "missed"):
            yield CounterMetricFamily(f"pulsegate_{name}", f"How many were {name}.", getattr(sums, name))

    def _latencies(self) -> Iterator[Metric]:
        totals = self._run.totals
        values = GaugeMetricFamily("pulsegate_metric", "A metric's percentile.", labels=["metric", "unit", "quantile"])
        counts = CounterMetricFamily("pulsegate_samples", "A metric's samples.", labels=["metric"])
        shares = GaugeMetricFamily("pulsegate_band_share", "The share of samples in a band.", labels=["metric", "band"])
        for name, tally in totals.tallies.items():
            if not tally.count:
                continue
            found = totals.metric(name)
            counts.add_metric([name], tally.count)
            for quantile, field in _QUANTILES.items():
                values.add_metric([name, found.unit, quantile], getattr(found, field))
            for band, share in (found.bands.model_dump() if found.bands else {}).items():
                shares.add_metric([name, band], share)
        yield from (values, counts, shares)
