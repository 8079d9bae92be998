"""Histograms that say how evenly it came: gaps between heartbeats, events and tokens, connections, answers."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, log10

from pulsegate.harness.errors import RecordError
from pulsegate.harness.record import Measured, Metric
from pulsegate.harness.timing.histogram import Histogram
from pulsegate.reports.measured import figure, in_order
from pulsegate.reports.plots.drawing import Plot, Row, data, drawn

#: The last parts of the names of metrics that have a histogram, in the order they are shown.
SHOWN = ("heartbeat_gap", "inter_token_gap", "event_gap", "connect", "first_token", "round_trip", "fan_out")
MOST = 6
_BINS = 36
_HEIGHT = 120
#: A histogram keeps so many bits of each sample: narrower bins than that would have holes between them.
_STEP_BITS = 11
#: Where the height is labelled: every decade, and of few samples more.
_DECADES = [10**power for power in range(10)]
_FEW = [1, 2, 5, 10, 20, 50]
#: Histograms count thousandths of the unit.
_PER_UNIT = 1000


def gap_plots(measured: Measured) -> list[Plot]:
    """A histogram for each metric that has one and is worth it; one that is damaged is left out."""
    found = []
    for name in histogram_names(measured):
        bins = bins_of(measured.metrics[name])
        if bins:
            found.append(_plot(name, measured.metrics[name], bins))
    return found


def histogram_names(measured: Measured) -> list[str]:
    """The metrics worth a histogram, gaps first."""
    names = [name for name, one in measured.metrics.items() if one.histogram and name.rpartition(".")[2] in SHOWN]
    return sorted(in_order(names), key=lambda name: SHOWN.index(name.rpartition(".")[2]))[:MOST]


def bins_of(metric: Metric) -> list[tuple[float, float, int]]:
    """From, to and count of equally wide steps, on a logarithmic scale where the samples span more than a decade."""
    try:
        steps = Histogram.decode(metric.histogram or "").steps()
    except RecordError:
        return []
    if not steps:
        return []
    edges = _edges(steps[0][0], steps[-1][0])
    counts = [0] * (len(edges) - 1)
    at = 0
    for value, count in steps:
        while at < len(counts) - 1 and value >= edges[at + 1]:
            at += 1
        counts[at] += count
    return [
        (low / _PER_UNIT, high / _PER_UNIT, count)
        for low, high, count in zip(edges, edges[1:], counts, strict=False)
        if count
    ]


def logarithmic(low: float, high: float) -> bool:
    """Whether an axis from `low` to `high` reads better in decades."""
    return low > 0 and high > 10 * low


def _edges(low: int, high: int) -> list[float]:
    """Where the steps begin, and where the last ends."""
    low, high = max(low, 1), max(high, 1)
    if logarithmic(low, high):
        begin, width = log10(low * 0.98), (log10(high * 1.02) - log10(low * 0.98)) / _BINS
        return [10 ** (begin + width * number) for number in range(_BINS + 1)]
    finest = 1 << max(0, high.bit_length() - _STEP_BITS)
    width = max(1, ceil((high - low) / _BINS / finest)) * finest
    begin = low - finest / 2
    return [begin + width * number for number in range(int((high - begin) // width) + 2)]


def _plot(name: str, metric: Metric, bins: Sequence[tuple[float, float, int]]) -> Plot:
    rows: list[Row] = [{"from": low, "to": high, "count": count, "none": 0.5} for low, high, count in bins]
    kind = "log" if logarithmic(bins[0][0], bins[-1][1]) else "linear"
    across = {
        "field": "from", "type": "quantitative", "title": metric.unit,
        "scale": {"type": kind, "nice": False, "zero": False, "domain": [bins[0][0], bins[-1][1]]},
        "axis": {"grid": False, "tickCount": 5},
    }  # fmt: skip
    up = {
        "field": "count", "type": "quantitative", "title": "samples",
        "scale": {"type": "log", "domainMin": 0.5},
        "axis": {"values": _FEW if max(count for _, _, count in bins) < 100 else _DECADES, "format": "~s"},
    }  # fmt: skip
    told: list[Row] = [{"at": metric.p50, "name": "p50"}, {"at": metric.p95, "name": "p95"}]
    spec = {
        "height": _HEIGHT,
        "layer": [
            {
                "data": data(rows),
                "mark": {"type": "rect", "color": "var(--not_measured)", "stroke": "var(--panel)", "strokeWidth": 0.5},
                "encoding": {"x": across, "x2": {"field": "to"}, "y": up, "y2": {"field": "none"}},
            },
            {
                "data": data(told),
                "mark": {"type": "rule", "color": "var(--ink)", "strokeWidth": 1.5},
                "encoding": {
                    "x": {**across, "field": "at"},
                    "strokeDash": {
                        "field": "name", "scale": {"domain": ["p50", "p95"], "range": [[1, 0], [4, 3]]},
                        "legend": {"symbolType": "stroke"},
                    },
                },
            },
        ],
    }  # fmt: skip
    words = (
        f"{metric.count} samples from {figure(metric.min)} to {figure(metric.max)} {metric.unit}, "
        f"half of them up to {figure(metric.p50)}, 95 % up to {figure(metric.p95)}"
    )
    return drawn(spec, title=name, caption=words)
