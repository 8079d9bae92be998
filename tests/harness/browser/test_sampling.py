"""Samples become metrics and bands on the raw values."""

from __future__ import annotations

import pytest

from pulsegate.harness.browser.sampling import band_of, dropped_frames, limits_of, metric_of
from pulsegate.harness.profile import Band, Profile

RENDER = limits_of("render_time", Profile())
LATENCY = limits_of("connection_latency", Profile())


@pytest.mark.parametrize(
    ("value", "band"),
    [(99.9, "excellent"), (100, "good"), (300, "good"), (300.1, "degraded")],
)
def test_boundaries_are_as_written(value, band):
    """100 ms is good, 300 ms is good, 300.1 ms is degraded."""
    assert band_of([value], LATENCY) == band


def test_a_band_holds_for_95_in_100():
    """Five slow ones of a hundred are allowed, six are not."""
    assert band_of([1.0] * 95 + [40.0] * 5, RENDER) == "excellent"
    assert band_of([1.0] * 94 + [40.0] * 6, RENDER) == "degraded"


def test_shares_are_counted_on_the_raw_samples():
    """33.004 ms, which a histogram would round to 33, is degraded."""
    metric = metric_of([15.9, 16.0, 33.0, 33.004], "ms", RENDER)
    assert metric.bands is not None
    assert metric.bands.model_dump() == {"excellent": 0.25, "good": 0.5, "degraded": 0.25}
    assert (metric.count, metric.min, metric.max) == (4, 15.9, 33.004)


def test_a_profile_has_other_limits():
    """[bands.render_time] replaces the documented ones."""
    profile = Profile(bands={"render_time": Band(excellent=5, good=10)})
    assert band_of([7.0], limits_of("render_time", profile)) == "good"


def test_nothing_is_no_metric():
    """Without samples there is nothing to say."""
    with pytest.raises(ValueError, match="without samples"):
        metric_of([], "ms")


@pytest.mark.parametrize(
    ("intervals", "dropped"), [([16.7] * 60, 0), ([16.6, 33.4, 16.7], 1), ([166.7], 9), ([8.3, 20.0], 0), ([], 0)]
)
def test_frames_that_were_left_out_are_counted(intervals, dropped):
    """An interval of two frames has lost one; a little jitter none."""
    assert dropped_frames(intervals) == dropped
