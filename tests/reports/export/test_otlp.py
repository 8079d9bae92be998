"""A record as an OTLP metrics request, held against the published shape of one."""

from __future__ import annotations

import json

import jsonschema
import pytest

from pulsegate.harness.record import Metric
from pulsegate.harness.timing.histogram import Histogram
from pulsegate.reports.export.otlp import BOUNDS, render_otlp

#: ExportMetricsServiceRequest as far as we use it, by opentelemetry-proto's rules for JSON: no unknown member,
#: 64-bit integers as decimal strings, one more bucket than bounds.
_NUMBER = {"type": "string", "pattern": "^[0-9]+$"}
_ATTRIBUTES = {
    "type": "array",
    "items": {
        "type": "object", "additionalProperties": False, "required": ["key", "value"],
        "properties": {
            "key": {"type": "string", "minLength": 1},
            "value": {"type": "object", "additionalProperties": False, "required": ["stringValue"],
                      "properties": {"stringValue": {"type": "string"}}},
        },
    },
}  # fmt: skip
_POINT = {"attributes": _ATTRIBUTES, "startTimeUnixNano": _NUMBER, "timeUnixNano": _NUMBER}


def _shape(point, **more):
    members = {"dataPoints": {"type": "array", "minItems": 1, "items": point}, **more}
    return {"type": "object", "additionalProperties": False, "required": list(members), "properties": members}


def _closed(**members):
    return {"type": "object", "additionalProperties": False, "required": list(members), "properties": members}


_NUMBER_POINT = _closed(**_POINT, asDouble={"type": "number"})
_HISTOGRAM_POINT = _closed(
    **_POINT, count=_NUMBER, sum={"type": "number"}, min={"type": "number"}, max={"type": "number"},
    bucketCounts={"type": "array", "items": _NUMBER, "minItems": len(BOUNDS) + 1, "maxItems": len(BOUNDS) + 1},
    explicitBounds={"type": "array", "items": {"type": "number"}, "minItems": len(BOUNDS), "maxItems": len(BOUNDS)},
)  # fmt: skip
_CUMULATIVE = {"const": 2}
_METRIC = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name", "unit"],
    "properties": {
        "name": {"type": "string", "pattern": "^pulsegate\\."},
        "description": {"type": "string"},
        "unit": {"type": "string"},
        "gauge": _shape(_NUMBER_POINT),
        "sum": _shape(_NUMBER_POINT, aggregationTemporality=_CUMULATIVE, isMonotonic={"const": True}),
        "histogram": _shape(_HISTOGRAM_POINT, aggregationTemporality=_CUMULATIVE),
    },
    "oneOf": [{"required": [kind]} for kind in ("gauge", "sum", "histogram")],
}
REQUEST = _closed(
    resourceMetrics={
        "type": "array",
        "items": _closed(
            resource=_closed(attributes=_ATTRIBUTES),
            scopeMetrics={
                "type": "array",
                "items": _closed(
                    scope=_closed(name={"const": "pulsegate"}, version={"type": "string"}),
                    metrics={"type": "array", "items": _METRIC, "minItems": 1},
                ),
            },
        ),
    }
)


def metrics_of(record) -> dict[str, dict]:
    """The metrics by name, of a request that keeps to the format."""
    request = json.loads(render_otlp(record))
    jsonschema.validate(request, REQUEST)
    [resource] = request["resourceMetrics"]
    [scope] = resource["scopeMetrics"]
    return {one["name"]: one for one in scope["metrics"]}


@pytest.fixture
def with_histogram(record):
    """A load whose metric has a histogram: 1, 4 and 301 ms."""
    histogram = Histogram([1_000, 4_000, 301_000]).encode()
    metric = record.metrics["sse.connect"].model_copy(update={"histogram": histogram, "max": 301.0})
    return record.model_copy(update={"metrics": {"sse.connect": metric}})


def test_verdict_and_quantiles_are_gauges(record):
    """Each point has the labels that the Prometheus export has, and the run's own time."""
    found = metrics_of(record)
    [code] = found["pulsegate.exit_code"]["gauge"]["dataPoints"]
    assert code["asDouble"] == 1
    assert code["timeUnixNano"] == "1767323045000000000", "2026-01-02 03:04:05 UTC"
    quantiles = found["pulsegate.metric"]["gauge"]["dataPoints"]
    assert {"key": "quantile", "value": {"stringValue": "0.95"}} in quantiles[2]["attributes"]


def test_a_metric_is_a_histogram_with_every_sample(with_histogram):
    """A sample at a bound belongs to the step below it, as the format says; one beyond the last has a step too."""
    [point] = metrics_of(with_histogram)["pulsegate.sse.connect"]["histogram"]["dataPoints"]
    filled = {bound: int(count) for bound, count in zip(BOUNDS, point["bucketCounts"], strict=False) if int(count)}
    assert filled == {1: 1, 5: 1, 500: 1}
    assert (point["count"], point["min"], point["max"]) == ("3", 1.0, 301.0)
    assert point["sum"] == pytest.approx(306, rel=0.001)


def test_a_damaged_histogram_is_left_out(with_histogram):
    """Its percentiles are still there."""
    metric = with_histogram.metrics["sse.connect"].model_copy(update={"histogram": "AAAA"})
    found = metrics_of(with_histogram.model_copy(update={"metrics": {"sse.connect": metric}}))
    assert "pulsegate.sse.connect" not in found
    assert "pulsegate.metric" in found


def test_hostile_text_and_numbers_that_are_none(record, hostile):
    """Neither breaks the request: text is an attribute, NaN is left out."""
    odd = Metric(unit=hostile, count=1, min=1, p50=float("nan"), p90=1, p95=1, p99=1, p999=1, max=1)
    found = metrics_of(record.model_copy(update={"metrics": {hostile: odd}}))
    assert len(found["pulsegate.metric"]["gauge"]["dataPoints"]) == 5
