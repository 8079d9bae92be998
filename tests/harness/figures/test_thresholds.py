"""Limits that a run must keep, judged on exact counts."""

from __future__ import annotations

import pytest

from pulsegate.harness.errors import UsageError
from pulsegate.harness.figures.thresholds import broken, thresholds, unmeasured
from pulsegate.harness.figures.totals import Totals
from pulsegate.harness.profile import Profile


def problems(second, table, samples=None, counts=None):
    """What a run with these samples breaks."""
    profile = Profile(thresholds=table)
    totals = Totals(profile)
    totals.add(second(profile=profile, samples=samples, counts=counts))
    return broken(thresholds(table), totals)


def test_a_sample_at_the_limit_keeps_it(second):
    """300 ms keep a limit of 300 ms, and a millionth more does not, although the histogram cannot tell them apart."""
    table = {"sse.connect.max_ms": 300.0}
    assert problems(second, table, {"sse.connect": [300.0]}) == []
    [problem] = problems(second, table, {"sse.connect": [300.000001]})
    assert problem.startswith("sse.connect.max_ms is 300, over its limit of 300 (1 of 1 samples above)")


@pytest.mark.parametrize(("above", "kept"), [(5, True), (6, False)])
def test_a_share_is_counted_exactly(second, above, kept):
    """The 95th percentile of 100 samples keeps its limit with five above it, and not with six."""
    samples = {"cmp.total": [10.0] * (100 - above) + [50.0] * above}
    assert (problems(second, {"cmp.total.p95_ms": 20.0}, samples) == []) == kept


@pytest.mark.parametrize(("above", "kept"), [(1, True), (2, False)])
def test_the_999th_thousandth_is_counted_exactly(second, above, kept):
    """One of a thousand samples may be above p999."""
    samples = {"cmp.total": [10.0] * (1000 - above) + [50.0] * above}
    assert (problems(second, {"cmp.total.p999_ms": 20.0}, samples) == []) == kept


def test_two_limits_of_one_metric_are_judged_apart(second):
    """Each by its own count."""
    table = {"cmp.total.p50_ms": 5.0, "cmp.total.max_ms": 60.0}
    [problem] = problems(second, table, {"cmp.total": [10.0, 10.0, 50.0]})
    assert problem.startswith("cmp.total.p50_ms is 10, over its limit of 5 (3 of 3 samples above)")


@pytest.mark.parametrize(
    ("key", "count"),
    [
        ("connections.failed", "refused"),
        ("connections.dropped", "dropped"),
        ("exchanges.failed", "failed"),
        ("heartbeats.missed", "missed"),
    ],
)
def test_counts_have_limits_too(second, key, count):
    """As many as the limit says are kept, one more is not."""
    assert problems(second, {key: 2}, counts={count: 2}) == []
    assert problems(second, {key: 2}, counts={count: 3}) == [f"{key} is 3, over its limit of 2"]


def test_what_was_not_measured_breaks_nothing_yet(second):
    """While a run goes on, a metric without samples has broken no limit."""
    assert problems(second, {"cmp.total.p95_ms": 1.0}) == []


@pytest.mark.parametrize("key", ["cmp.total", "cmp.total.p95ms", "p95_ms", "cmp.total.mean_ms", "connections.lost", ""])
def test_a_name_that_is_none_is_refused(key):
    """The error names the key and what it may be."""
    with pytest.raises(UsageError, match=r"\[thresholds\] .*connections\.dropped"):
        thresholds({key: 1.0})


@pytest.mark.parametrize(("spoiled", "judged"), [(1, True), (2, False)])
def test_a_metric_that_lost_most_samples_is_not_judged(second, spoiled, judged):
    """With more samples missing than known, a limit is neither kept nor broken, and a sentence says so."""
    profile = Profile(thresholds={"sse.connect.max_ms": 1.0})
    totals = Totals(profile)
    totals.add(second(profile=profile, samples={"sse.connect": [10.0]}, spoiled={"sse.connect": spoiled}))
    limits = thresholds(profile.thresholds)
    assert bool(broken(limits, totals)) == judged
    sentence = "sse.connect.max_ms could not be judged: the generator was too late to know 2 of 3 samples"
    measured = totals.measured().model_copy(update={"thresholds": profile.thresholds})
    assert unmeasured(measured) == ([] if judged else [sentence])


def test_a_metric_that_was_not_measured_is_named_with_the_nearest(second):
    """A limit on what this run does not have is neither kept nor broken; a count always is."""
    profile = Profile(thresholds={"cmp.first_token.p95_ms": 800.0, "connections.failed": 0.0})
    totals = Totals(profile)
    totals.add(second(profile=profile, samples={"sse.connect": [10.0]}))
    limits = {**profile.thresholds, "see.connect.p95_ms": 1.0}
    measured = totals.measured().model_copy(update={"thresholds": limits})
    assert unmeasured(measured) == [
        "cmp.first_token.p95_ms could not be judged: cmp.first_token was not measured",
        "see.connect.p95_ms could not be judged: see.connect was not measured (there is sse.connect)",
    ]
