from __future__ import annotations

from dataclasses import astuple

import pytest

from pulsegate.harness.timing.bands import DOCUMENTED_BANDS, Shares
from pulsegate.harness.timing.series import Metric, Series, Slice, Tally

LATENCY = Metric("ms", DOCUMENTED_BANDS["connection_latency"], limits=(250.0,))


def closed(*milliseconds: float, metric: Metric = LATENCY) -> Slice:
    series = Series(metric)
    for value in milliseconds:
        series.add(round(value * 1_000_000))
    part = series.close()
    assert part is not None
    return part


def tallied(*parts: Slice, metric: Metric = LATENCY) -> Tally:
    tally = Tally(metric)
    for part in parts:
        tally.add(part)
    return tally


@pytest.mark.parametrize(
    ("value", "bands"),
    [
        (0, (1, 0, 0)),
        (99.999, (1, 0, 0)),
        (100, (0, 1, 0)),
        (300, (0, 1, 0)),
        (300.03, (0, 0, 1)),
        (300.1, (0, 0, 1)),
    ],
)
def test_boundaries_are_as_documented(value, bands):
    """100 ms is good, 300 ms is good, and 300.03 ms is degraded: nothing is rounded first."""
    assert closed(value).bands == bands


def test_samples_over_a_limit_are_counted_exactly():
    """A limit is exceeded by a nanosecond, and not by itself."""
    assert closed(249, 250, 250.000001, 300).over == (2,)


def test_a_closed_second_is_forgotten():
    """The next second begins empty."""
    series = Series(LATENCY)
    series.add(1_000_000)
    series.close()

    assert series.close() is None


def test_a_metric_without_bands_has_no_shares():
    """Nothing is judged where there is nothing to judge by."""
    bare = Metric("ms")

    assert closed(5, metric=bare).bands == ()
    assert tallied(closed(5, metric=bare), metric=bare).shares is None


def test_shares_are_of_all_samples():
    """Seconds add up before shares are taken."""
    assert tallied(closed(50, 60, 200), closed(400)).shares == Shares(excellent=0.5, good=0.25, degraded=0.25)


def test_the_order_of_seconds_does_not_matter():
    """One worker or two, in any order: the same figures, bit for bit."""
    parts = [closed(*(10.0 * step + offset for step in range(40))) for offset in (0.1, 3.7, 250.2)]
    one, other = tallied(*parts), tallied(*reversed(parts))

    assert one.whole() == other.whole()
    assert (
        one.whole()
        == tallied(closed(*(10.0 * step + offset for offset in (0.1, 3.7, 250.2) for step in range(40)))).whole()
    )


def test_extremes_are_exact():
    """Minimum and maximum are raw samples, and percentiles lie between them."""
    summary = tallied(closed(1.234567, 300.030001)).summary()

    assert (summary.min, summary.p99, summary.max) == (1.234567, 300.03, 300.030001)


def test_a_summary_is_in_the_unit():
    """Percentiles are at most 0.05 % off."""
    summary = tallied(closed(*range(1, 101))).summary()

    assert astuple(summary) == pytest.approx((100, 1, 50, 90, 95, 99, 100, 100), rel=0.0005)


def test_what_was_added_up_can_be_added_again():
    """A whole tally is a slice like any other."""
    first = tallied(closed(5, 500), closed(70))

    assert tallied(first.whole()).whole() == first.whole()
