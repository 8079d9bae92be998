"""Histograms of a record as bins."""

from __future__ import annotations

from itertools import pairwise

import pytest

from pulsegate.harness.record import Measured, Metric
from pulsegate.harness.timing.histogram import Histogram
from pulsegate.reports.plots.gaps import MOST, bins_of, gap_plots, histogram_names


def metric(*microseconds: int) -> Metric:
    histogram = Histogram(microseconds)
    found = histogram.summary()
    members = {name: getattr(found, name) for name in ("count", "min", "p50", "p90", "p95", "p99", "p999", "max")}
    return Metric(unit="ms", histogram=histogram.encode(), **members)


@pytest.mark.parametrize("samples", [[0], [1], [1000], range(1000, 1100), range(1, 90_000, 7), [0, 3_600_000_000]])
def test_every_sample_is_in_one_bin(samples):
    """None is lost at an edge, none is counted twice, and bins do not overlap."""
    bins = bins_of(metric(*samples))
    assert sum(count for _, _, count in bins) == len(samples)
    assert all(before[1] <= after[0] * (1 + 1e-9) for before, after in pairwise(bins))
    assert all(low < high for low, high, _ in bins)


def test_even_samples_leave_no_hole():
    """Bins are never narrower than what the histogram tells apart, which at a second is half a millisecond."""
    bins = bins_of(metric(*range(995_000, 1_005_000, 10)))
    assert all(before[1] == pytest.approx(after[0]) for before, after in pairwise(bins))


def test_gaps_come_first_and_only_what_tells_something():
    """The parts of a connection and what is always the same have no histogram; there are never too many."""
    one = metric(1000, 2000)
    names = ["sse.connect", "sse.connect.tcp", "sse.together", "sse.heartbeat_gap", "generator.lag"]
    assert histogram_names(Measured(metrics=dict.fromkeys(names, one))) == ["sse.heartbeat_gap", "sse.connect"]
    many = Measured(metrics={f"s{number}.connect": one for number in range(20)})
    assert len(histogram_names(many)) == MOST


@pytest.mark.parametrize("histogram", ["", "not base64!", "AAAA", None])
def test_a_damaged_histogram_is_left_out(histogram):
    """The rest of the page is still there."""
    damaged = metric(1000).model_copy(update={"histogram": histogram})
    measured = Measured(metrics={"a.connect": damaged, "b.connect": metric(1000, 30_000)})
    assert [plot.title for plot in gap_plots(measured)] == ["b.connect"]


def test_the_plot_is_said_in_words():
    """For who does not see it, and as its caption."""
    [plot] = gap_plots(Measured(metrics={"sse.heartbeat_gap": metric(1000, 2000, 3000)}))
    assert plot.words == ("sse.heartbeat_gap: 3 samples from 1.00 to 3.00 ms, half of them up to 2.00, 95 % up to 3.00")
