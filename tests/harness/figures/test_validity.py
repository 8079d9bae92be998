"""When a run is called invalid, and that it is not without need."""

from __future__ import annotations

import pytest

from pulsegate.harness.figures.seconds import Counters
from pulsegate.harness.figures.validity import Doubts


@pytest.fixture
def doubts():
    return Doubts()


def reasons(doubts, **counts):
    """What speaks against a run with these counts."""
    validity = doubts.validity(Counters(**counts))
    assert validity.valid == (not validity.reasons)
    return validity.reasons


@pytest.mark.parametrize(("spoiled", "judged", "valid"), [(10, 100, True), (11, 100, False), (0, 0, True)])
def test_more_than_a_tenth_of_spoiled_intervals_voids_the_run(doubts, spoiled, judged, valid):
    """Exactly a tenth does not."""
    assert (reasons(doubts, spoiled=spoiled, judged=judged) == []) == valid


@pytest.mark.parametrize(("late", "sent", "valid"), [(10, 100, True), (11, 100, False), (0, 0, True)])
def test_more_than_a_tenth_of_late_requests_voids_the_run(doubts, late, sent, valid):
    """Exactly a tenth does not."""
    assert (reasons(doubts, late_sends=late, sent=sent) == []) == valid


def test_the_longest_stall_is_named(doubts, second):
    """A reason by lateness says how long the generator was blocked."""
    doubts.add(second("worker 1", stall_ms=40))
    doubts.add(second("worker 2", stall_ms=712))
    [reason] = reasons(doubts, spoiled=1, judged=1)
    assert "712 ms" in reason


@pytest.mark.parametrize("measure", ["cpu", "busy"])
def test_a_saturated_process_voids_the_run_by_its_name(doubts, second, measure):
    """Whether it had its core to itself all the time, or never had enough of it."""
    for at in range(10):
        doubts.add(second("worker 2", at=at, **{measure: 0.99 if at < 3 else 0.1}))
        doubts.add(second("worker 1", at=at, **{measure: 0.9}))
    [reason] = reasons(doubts)
    assert reason.startswith("worker 2 was at work, or waiting for a core, over 95 % of the time in 3 of 10 seconds")


def test_two_busy_seconds_are_forgiven(doubts, second):
    """Connecting many users at once may take all of a core for a moment."""
    for at in range(4):
        doubts.add(second(at=at, cpu=1.0 if at < 2 else 0.2))
    assert reasons(doubts) == []


def test_a_second_that_was_closed_late_counts_for_all_its_time(doubts, second):
    """A process too busy to close its seconds was busy for as long as it took."""
    doubts.add(second(at=1, busy=1.0, span_s=4.5))
    doubts.add(second(at=6, busy=0.1, span_s=0.5))
    assert len(reasons(doubts)) == 1


def test_warm_up_may_be_busy(doubts, second):
    """What is left out of the figures cannot spoil them."""
    for at in range(10):
        doubts.add(second(at=at, cpu=1.0, warm_up=at < 8))
    assert reasons(doubts) == []


@pytest.mark.parametrize(("step_ms", "valid"), [(49.0, True), (-51.0, False), (51.0, False)])
def test_a_clock_that_was_set_voids_the_run(doubts, second, step_ms, valid):
    """In either direction; small corrections are usual."""
    doubts.add(second(clock_step_ms=step_ms))
    doubts.add(second(at=1_001, clock_step_ms=1.0))
    assert (reasons(doubts) == []) == valid


def test_defects_and_notes_are_told_once(doubts, second):
    """A defect is repeated in every second that follows it, and said once; also one in warm-up."""
    doubts.add(second(defects=["the scenario failed: KeyError: 1"], warm_up=True))
    doubts.add(second(at=1_001, defects=["the scenario failed: KeyError: 1"]))
    doubts.note("worker 2 (process 7) was killed by SIGKILL")
    assert reasons(doubts) == ["the scenario failed: KeyError: 1", "worker 2 (process 7) was killed by SIGKILL"]


@pytest.mark.parametrize(("crowded", "remedy"), [(0.9, "gevent.sleep(0)"), (0.2, "use more workers")])
def test_greenlets_that_never_rest_are_told_from_too_much_work(doubts, second, crowded, remedy):
    """Where greenlets filled nearly each turn of the loop, it is the scenario that must be mended."""
    for at in range(4):
        doubts.add(second(at=at, busy=1.0, crowded=crowded))
    [reason] = reasons(doubts)
    assert "the generator was saturated" in reason
    assert remedy in reason
