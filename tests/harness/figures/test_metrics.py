"""What metrics are called, and which bands and limits they are judged by."""

from __future__ import annotations

import pytest

from pulsegate.harness.figures.metrics import metric
from pulsegate.harness.profile import Profile
from pulsegate.harness.timing.bands import DOCUMENTED_BANDS, BandLimits

OWN = {"unit": "ms", "excellent": 20, "good": 40}


def test_documented_bands_judge_unless_told_otherwise():
    """Connection latency and update frequency have the documented bands, on every surface."""
    assert metric("ws.connect", Profile()).bands == DOCUMENTED_BANDS["connection_latency"]
    assert metric("sse.update_frequency", Profile()).bands == DOCUMENTED_BANDS["update_frequency"]
    assert metric("sse.connect.tls", Profile()).bands is None


def test_the_profile_names_a_metric():
    """Bands of one metric are of no other."""
    profile = Profile.model_validate({"bands": {"cmp.first_token": OWN}})
    assert metric("cmp.first_token", profile).bands == BandLimits("ms", 20, 40)
    assert metric("cmp.first_token.sent", profile).bands is None


def test_the_profile_names_a_benchmark():
    """Bands of a documented benchmark are those of all metrics that it judges; a metric's own come first."""
    profile = Profile.model_validate({"bands": {"connection_latency": OWN, "ws.connect": OWN | {"good": 60}}})
    assert metric("sse.connect", profile).bands == BandLimits("ms", 20, 40)
    assert metric("ws.connect", profile).bands == BandLimits("ms", 20, 60)


@pytest.mark.parametrize(
    ("name", "unit"),
    [("sse.connect", "ms"), ("sse.update_frequency", "/s"), ("cmp.tokens_per_second", "/s"), ("ws.reach", "%"),
     ("target.memory", "MB"), ("sse.together", "events")],
)  # fmt: skip
def test_each_metric_has_its_unit(name, unit):
    """By the last part of its name."""
    assert metric(name, Profile()).unit == unit


def test_limits_are_those_of_this_metric():
    """Each limit once, in order, whatever the statistic; a longer name is another metric."""
    table = {"cmp.total.p95_ms": 30, "cmp.total.max_ms": 10, "cmp.total.p50_ms": 10, "cmp.total.sent.p95_ms": 7}
    assert metric("cmp.total", Profile(thresholds=table)).limits == (10.0, 30.0)
