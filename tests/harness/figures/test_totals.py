"""What the seconds of several processes add up to."""

from __future__ import annotations

from itertools import permutations
from random import Random

import pytest

from pulsegate.harness.errors import RecordError
from pulsegate.harness.figures.seconds import LimitStep, Second
from pulsegate.harness.figures.totals import MOST_STEPS, Totals
from pulsegate.harness.profile import Profile


@pytest.fixture
def totals():
    return Totals(Profile(), "chat")


def measured_of(seconds, profile=None):
    """What `seconds` add up to."""
    totals = Totals(profile or Profile())
    for one in seconds:
        totals.add(one)
    return totals.measured()


def test_the_order_of_workers_does_not_matter(second):
    """Whatever the order in which the workers' seconds come, the figures are the same."""
    seconds = [
        second("worker 1", samples={"sse.connect": [10, 20]}, counts={"events": 5}, live=3, users={"Streams": 3}),
        second("worker 2", samples={"sse.connect": [250]}, counts={"events": 7}, live=2, users={"Streams": 2}),
        second("worker 3", samples={"ws.connect": [5]}, counts={"events": 1}, live=1, users={"Sockets": 1}),
    ]
    first, *others = [measured_of(order) for order in permutations(seconds)]
    assert all(other == first for other in others)
    assert first.users == {"Streams": 5, "Sockets": 1}
    assert first.metrics["sse.connect"].count == 3
    assert first.timeline[0].events == 13


@pytest.mark.parametrize("workers", [2, 3, 7])
def test_any_number_of_workers_gives_the_same_histogram(second, workers):
    """The same samples give the same histogram, bit for bit, whoever took them and in which second."""
    random = Random(11)
    samples = [random.lognormvariate(3, 2) for _ in range(5_000)]
    whole = measured_of([second(samples={"cmp.total": samples})]).metrics["cmp.total"]
    parts = [
        second(f"worker {worker}", at=1_000 + at, samples={"cmp.total": samples[worker * 3 + at :: workers * 3]})
        for worker in range(workers)
        for at in range(3)
    ]
    random.shuffle(parts)
    assert measured_of(parts).metrics["cmp.total"] == whole


def test_warm_up_is_left_out_of_the_figures(second):
    """What was measured while warming up is in the timeline, in the counts and in no figure."""
    measured = measured_of(
        [
            second(at=1_000, samples={"cmp.total": [900]}, counts={"due": 1, "sent": 1, "completed": 1}, warm_up=True),
            second(at=1_001, samples={"cmp.total": [10]}, counts={"due": 2, "sent": 2, "completed": 2}),
        ]
    )
    assert (measured.metrics["cmp.total"].count, measured.metrics["cmp.total"].max) == (1, 10)
    assert [moment.warm_up for moment in measured.timeline] == [True, False]
    assert measured.exchanges is not None
    assert measured.exchanges.completed == 2


def test_the_peak_is_of_all_processes_at_once(totals, second):
    """Connections of two workers add up; the most at any time is kept."""
    totals.add(second("worker 1", live=10))
    totals.add(second("worker 2", live=5))
    totals.add(second("worker 1", at=1_001, live=2))
    assert (totals.peak, totals.live) == (15, 7)


def test_a_lost_second_costs_its_samples_only(totals, second):
    """Counts are sums so far, so what a lost message said of them comes with the next one."""
    totals.add(second(at=1_000, counts={"events": 10}))
    totals.add(second(at=1_002, counts={"events": 30}))
    assert totals.counters.events == 30
    assert [moment.events for moment in totals.timeline()] == [10, 20]


def test_unfinished_requests_are_those_neither_complete_nor_failed(totals, second):
    """Whether their users were stopped early or the run ended."""
    totals.add(second(counts={"due": 10, "sent": 10, "completed": 6, "failed": 1}))
    exchanges = totals.measured().exchanges
    assert exchanges is not None
    assert exchanges.unfinished == 3


def test_a_long_run_has_wider_steps(totals, second):
    """Beyond 1,200 steps the timeline widens; nothing in it is lost."""
    seconds = 2 * MOST_STEPS + 300
    for at in range(seconds):
        totals.add(second(at=1_000_000 + at, samples={"sse.connect": [at % 7 + 1]}, counts={"events": 2 * (at + 1)}))
    timeline = totals.timeline()
    assert {moment.width_s for moment in timeline} == {2.0}
    assert len(timeline) <= 2 * MOST_STEPS
    assert sum(moment.events for moment in timeline) == 2 * seconds
    assert sum(moment.metrics["sse.connect"].count for moment in timeline) == seconds
    assert max(moment.metrics["sse.connect"].max for moment in timeline) == 7
    assert totals.metric("sse.connect").count == seconds


def test_a_timeline_begins_at_nought(totals, second):
    """Also when its steps have become wider."""
    for at in range(2 * MOST_STEPS + 2):
        totals.add(second(at=1_001 + at))
    assert totals.timeline()[0].at_s == 0


def test_problems_of_all_processes_add_up(totals, second):
    """The most frequent comes first."""
    totals.add(second("worker 1", problems={"a": 1, "b": 2}))
    totals.add(second("worker 2", problems={"b": 1}))
    assert list(totals.problems.items()) == [("b", 3), ("a", 1)]


def test_the_limit_is_the_last_sound_step(totals):
    """What a search found: the most users that were sound, the first that were not, and why."""
    steps = [LimitStep(users=10), LimitStep(users=15), LimitStep(users=22, degraded="sse.connect: 9 %")]
    totals.add(Second(worker="shape", at=1_000, steps=steps))
    limit = totals.measured().limit
    assert limit is not None
    assert (limit.knee_users, limit.degraded_users, limit.reason) == (15, 22, "sse.connect: 9 %")


def test_a_damaged_histogram_is_refused(totals, second):
    """A slice that cannot be decoded is an error, not a silent gap."""
    broken = second(samples={"sse.connect": [1]})
    part = broken.slices["sse.connect"]
    broken.slices["sse.connect"] = type(part)("HISTxxxx", part.minimum, part.maximum, part.bands, part.over)
    with pytest.raises(RecordError):
        totals.add(broken)


def test_seconds_travel_as_json(second):
    """What a process writes is what the command reads."""
    one = second(samples={"sse.connect": [1.5, 400]}, counts={"events": 3}, live=2, final=True, defects=["x"])
    assert Second.model_validate_json(one.model_dump_json(exclude_defaults=True)) == one


def test_a_worker_that_never_said_its_end_was_lost(totals, second):
    """Those that ended as planned are not named, nor is a process that is nobody's worker."""
    totals.add(second("worker 1", at=10, host="here", final=True))
    totals.add(second("worker 2", at=7, host="there"))
    totals.add(second("generator", at=10))
    assert totals.lost() == [
        "worker 2 on there was lost: nothing came from it in the last 3 s of the run, and not its end"
    ]


def test_samples_that_are_not_known_are_counted_by_metric(totals, second):
    """Of warm-up seconds, neither the samples nor what is missing of them count."""
    totals.add(second(at=1, spoiled={"sse.connect": 5}, warm_up=True))
    totals.add(second(at=2, samples={"sse.connect": [10.0] * 3}, spoiled={"sse.connect": 2}))
    totals.add(second("other", at=2, spoiled={"sse.connect": 1}))
    assert totals.measured().spoiled == {"sse.connect": 3}
    assert not totals.mostly_spoiled("sse.connect")
    assert totals.measured().metrics["sse.connect"].bands.excellent == 1


def test_a_metric_that_lost_most_samples_is_in_no_band(totals, second):
    """More missing than known: the figures stay, and nothing is judged by them."""
    totals.add(second(samples={"sse.connect": [10.0]}, spoiled={"sse.connect": 2, "ws.connect": 1}))
    measured = totals.measured()
    assert measured.metrics["sse.connect"].bands is None
    assert totals.mostly_spoiled("sse.connect")
    assert totals.mostly_spoiled("ws.connect"), "no sample is known at all"
