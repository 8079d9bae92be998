"""Medians, ratios, percentiles, limits, and the judgement of reported arrivals."""

from __future__ import annotations

import pytest

from benchmarks.arithmetic import KeptRead, Limit, Sample, Stamp, arrival_errors_ms, containment, percentile, ratio

MS = 1_000_000


def test_ratio_is_the_median_of_the_rounds_ratios():
    """A round in which the whole machine was slow does not change the ratio."""
    assert ratio(Sample((10.0, 40.0, 12.0)), Sample((100.0, 400.0, 100.0))) == pytest.approx(0.1)


def test_ratio_needs_the_same_rounds():
    """A ratio over different rounds would compare different machines."""
    with pytest.raises(ValueError, match="same rounds"):
        ratio(Sample((1.0,)), Sample((1.0, 2.0)))


def test_spread_is_the_width_of_the_rounds_by_their_median():
    """Rounds of 9, 10 and 12 lie 30 % of their median apart."""
    assert Sample((12.0, 9.0, 10.0)).spread == pytest.approx(0.3)


def test_spread_of_noughts_is_nought():
    """A median of 0 has nothing to be a share of."""
    assert Sample((0.0, 0.0)).spread == 0


def test_percentile_is_a_value_that_was_measured():
    """The 99th percentile of 1 to 100 is 99, and of 1 to 10 the largest."""
    assert percentile(range(1, 101), 0.99) == 99
    assert percentile(range(1, 11), 0.99) == 10


def test_percentile_of_nothing_is_refused():
    """No values have no percentile."""
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 0.5)


@pytest.mark.parametrize(
    ("limit", "kept"),
    [
        (Limit("memory", 0.25, 0.25), True),
        (Limit("memory", 0.26, 0.25), False),
        (Limit("rate", 1000, 1000, at_least=True), True),
        (Limit("rate", 999, 1000, at_least=True), False),
    ],
)
def test_limit_holds_up_to_its_own_value(limit: Limit, kept: bool):
    """The limit itself still counts as kept, from either side."""
    assert limit.kept is kept


def read(at_ms: float, previous_ms: float, *stamps: tuple[int, float, float]) -> KeptRead:
    """A read of stream 1; a stamp is sequence, sent, and when sending the one before ended, in ms."""
    return KeptRead(
        int(at_ms * MS),
        int(previous_ms * MS),
        tuple(Stamp(1, number, int(emitted * MS), int(before * MS)) for number, emitted, before in stamps),
    )


def test_arrival_error_counts_events_alone_in_their_read():
    """Of two events in one read only the last can carry the stamp."""
    alone, together = read(100.5, 0, (1, 100, 0)), read(300, 200, (2, 250, 100), (3, 300, 250))
    assert arrival_errors_ms([alone, together]) == [pytest.approx(0.5)]


def test_true_arrivals_within_the_interval_are_inside():
    """Several events sent between the previous read and the stamp are reported truly."""
    found = containment([read(300, 200, (1, 210, 0), (2, 300, 210))], slack_ns=0)
    assert (found.reads, found.coalesced, found.outside) == (1, 1, 0)


def test_an_arrival_stamped_before_it_was_sent_is_outside():
    """No event arrives before it is sent."""
    assert containment([read(100, 0, (1, 110, 0))], slack_ns=9 * MS).outside == 1
    assert containment([read(100, 0, (1, 110, 0))], slack_ns=10 * MS).outside == 0


def test_an_event_that_was_sent_whole_before_the_interval_is_outside():
    """Sending ended at 150 ms, so it cannot have arrived after 200 ms."""
    reads = [read(300, 200, (1, 140, 0)), read(400, 300, (2, 390, 150))]
    assert containment(reads, slack_ns=0).outside == 1


def test_a_server_held_up_while_sending_is_not_charged_to_the_generator():
    """Sent at 140 ms, but sending ended at 250 ms: it can have arrived after 200 ms."""
    reads = [read(300, 200, (1, 140, 0)), read(400, 300, (2, 390, 250))]
    assert containment(reads, slack_ns=0).outside == 0
