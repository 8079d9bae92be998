from __future__ import annotations

import pytest

from pulsegate.harness.errors import UsageError
from pulsegate.harness.timing.bands import DOCUMENTED_BANDS, BandLimits


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


@pytest.mark.parametrize(("excellent", "good"), [(0, 1), (-1, 1), (300, 100), (float("nan"), 1), (1, float("inf"))])
def test_senseless_limits_are_refused(excellent, good):
    """Limits must be positive, finite and in order."""
    with pytest.raises(UsageError, match="a band needs 0 < excellent <= good"):
        BandLimits("ms", excellent, good)
