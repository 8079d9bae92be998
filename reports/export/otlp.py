"""A record as an OTLP metrics request in its JSON encoding: for a collector, or a file that one reads.

The format is that of opentelemetry-proto's ExportMetricsServiceRequest (OTLP 1): members in camelCase, 64-bit
integers as strings, enumerations as numbers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from pulsegate.harness.errors import RecordError
from pulsegate.harness.record import Metric, RunRecord
from pulsegate.harness.timing.histogram import Histogram
from pulsegate.reports.export.series import Series, series_of
from pulsegate.reports.safe import printable

#: AGGREGATION_TEMPORALITY_CUMULATIVE: since the run began.
_CUMULATIVE = 2
#: Upper limits of the steps of a histogram, in its unit; backends want them the same in every run.
BOUNDS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 300, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 120_000)
#: Our units as UCUM writes them.
_UNITS = {"MB": "MBy", "/s": "1/s", "events": "{event}"}
_PER_UNIT = 1000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Json = dict[str, Any]


def render_otlp(record: RunRecord) -> str:
    """Render `record` as one export request."""
    times = {
        "startTimeUnixNano": _nanoseconds(record.started_at),
        "timeUnixNano": _nanoseconds(record.finished_at),
    }
    metrics = [_series(one, times) for one in series_of(record)]
    metrics += [found for name, one in record.metrics.items() if (found := _histogram(name, one, times)) is not None]
    scope = {"name": "pulsegate", "version": record.environment.pulsegate}
    request = {
        "resourceMetrics": [
            {
                "resource": {"attributes": _attributes(_resource(record))},
                "scopeMetrics": [{"scope": scope, "metrics": metrics}],
            }
        ]
    }
    return json.dumps(request, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _resource(record: RunRecord) -> dict[str, str]:
    named = {
        "service.name": "pulsegate",
        "service.version": record.environment.pulsegate,
        "pulsegate.command": record.command,
        "pulsegate.target": record.target.url,
        "pulsegate.scenario": record.scenario or "",
        "host.cpu.model.name": record.environment.cpu,
        "os.description": record.environment.platform,
    }
    return {name: value for name, value in named.items() if value}


def _series(series: Series, times: Mapping[str, str]) -> Json:
    points = [{"attributes": _attributes(labels), **times, "asDouble": float(value)} for labels, value in series.points]
    shape: Json = {"dataPoints": points}
    if series.counter:
        shape |= {"aggregationTemporality": _CUMULATIVE, "isMonotonic": True}
    kind = "sum" if series.counter else "gauge"
    return {"name": f"pulsegate.{series.name}", "description": series.help, "unit": series.unit, kind: shape}


def _histogram(name: str, metric: Metric, times: Mapping[str, str]) -> Json | None:
    """A metric's distribution; None where the record has none that can be read."""
    try:
        steps = Histogram.decode(metric.histogram or "").steps()
    except RecordError:
        return None
    counts, total = [0] * (len(BOUNDS) + 1), 0.0
    for value, count in steps:
        place = next((at for at, bound in enumerate(BOUNDS) if value <= bound * _PER_UNIT), len(BOUNDS))
        counts[place] += count
        total += value * count / _PER_UNIT
    point = {
        "attributes": [],
        **times,
        "count": str(sum(counts)),
        "sum": total,
        "min": metric.min,
        "max": metric.max,
        "bucketCounts": [str(count) for count in counts],
        "explicitBounds": [float(bound) for bound in BOUNDS],
    }
    unit = _UNITS.get(metric.unit, metric.unit)
    shape = {"dataPoints": [point], "aggregationTemporality": _CUMULATIVE}
    return {"name": f"pulsegate.{printable(name)}", "description": "", "unit": printable(unit), "histogram": shape}


def _attributes(named: Mapping[str, str]) -> list[Json]:
    return [{"key": name, "value": {"stringValue": printable(value)}} for name, value in named.items()]


def _nanoseconds(at: datetime) -> str:
    return str((at.replace(tzinfo=at.tzinfo or UTC) - _EPOCH) // timedelta(microseconds=1) * 1000)
