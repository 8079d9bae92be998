from __future__ import annotations

import pytest

from pulsegate.harness.errors import UsageError
from pulsegate.harness.timing.bands import DOCUMENTED_BANDS, BandCounter, BandLimits, Shares

LATENCY = DOCUMENTED_BANDS["connection_latency"]


def counted(*values: float) -> BandCounter:
    counter = BandCounter(LATENCY)
    for value in values:
        counter.add(value)
    return counter


@pytest.mark.parametrize(
    ("value", "band"),
    [
        (0, "excellent"),
        (99.999, "excellent"),
        (100, "good"),
        (300, "good"),
        (300.03, "degraded"),
        (300.1, "degraded"),
    ],
)
def test_boundaries_are_as_documented(value, band):
    """100 ms is good, 300 ms is good, and 300.1 ms is degraded; nothing is rounded first."""
    assert getattr(counted(value), band) == 1


@pytest.mark.parametrize(
    ("metric", "limits"),
    [
        ("connection_latency", ("ms", 100, 300)),
        ("update_frequency", ("/s", 60, 120)),
        ("memory", ("MB", 50, 100)),
        ("render_time", ("ms", 16, 33)),
    ],
)
def test_defaults_are_the_documented_benchmarks(metric, limits):
    """The table of limits is the one of the real-time features document."""
    assert DOCUMENTED_BANDS[metric] == BandLimits(*limits)


def test_shares_add_up():
    """Shares are of all samples."""
    assert counted(50, 60, 200, 400).shares == Shares(excellent=0.5, good=0.25, degraded=0.25)


def test_without_samples_there_are_no_shares():
    """Nothing counted is not the same as nothing degraded."""
    assert BandCounter(LATENCY).shares is None


def test_merging_adds_the_counts():
    """Two halves merged count as the whole."""
    merged = counted(50, 200)
    merged.merge(counted(400, 60))

    assert (merged.excellent, merged.good, merged.degraded, merged.count) == (2, 1, 1, 4)


def test_bands_with_other_limits_are_not_merged():
    """Counts by different limits have no sum."""
    with pytest.raises(ValueError, match="different limits"):
        counted(50).merge(BandCounter(BandLimits("ms", 10, 20)))


@pytest.mark.parametrize(("excellent", "good"), [(0, 1), (-1, 1), (300, 100), (float("nan"), 1), (1, float("inf"))])
def test_senseless_limits_are_refused(excellent, good):
    """Limits must be positive, finite and in order."""
    with pytest.raises(UsageError, match="a band needs 0 < excellent <= good"):
        BandLimits("ms", excellent, good)
