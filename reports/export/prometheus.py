"""A record in Prometheus's text format: for a textfile collector, or to be pushed to a gateway."""

from __future__ import annotations

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from pulsegate.harness.record import RunRecord
from pulsegate.reports.export.series import Series, series_of
from pulsegate.reports.safe import printable

#: Prometheus wants the unit in the name.
_SUFFIXES = {"s": "_seconds"}


class _Recorded(Collector):
    def __init__(self, series: list[Series]) -> None:
        self._series = series

    def collect(self) -> list[Metric]:
        """All series as metric families."""
        return [_family(one) for one in self._series]


def _family(series: Series) -> Metric:
    names = list(series.points[0][0])
    kind = CounterMetricFamily if series.counter else GaugeMetricFamily
    family: CounterMetricFamily | GaugeMetricFamily = kind(
        f"pulsegate_{series.name}{_SUFFIXES.get(series.unit, '')}", series.help, labels=names
    )
    for labels, value in series.points:
        family.add_metric([printable(labels[name]) for name in names], value)
    return family


def render_prometheus(record: RunRecord) -> str:
    """Render `record`; names and labels are those that `pulsegate load --prometheus` serves while a load goes on."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Recorded(series_of(record)))
    return generate_latest(registry).decode("utf-8")
