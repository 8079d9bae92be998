"""What a report says of streams."""

from __future__ import annotations

import pytest

from pulsegate.harness.record import Idleness, Ledger, Measured, Reconnects, StreamLedger
from pulsegate.reports.streams import shown_numbers, stream_lines


def test_an_undisturbed_load_needs_no_words():
    """Without reconnections, numbers and silences there is nothing to say."""
    assert stream_lines(Measured()) == []
    assert stream_lines(Measured(ledger=Ledger(unknown=["no numbers"]), idleness=Idleness())) == []


def test_coming_back_and_the_account_are_told_first():
    """Who came back, what was received, then each troubled stream by its ids."""
    stream = StreamLedger(
        stream="rt 3", lost=[4000, 5000, 6000, 9000], lost_count=4, repeated=[1000], repeated_count=2, late=1
    )
    measured = Measured(
        reconnects=Reconnects(interrupted=9, retries=12, recovered=7, away=1, gave_up=1, peak_per_s=5),
        ledger=Ledger(sent=50, received=48, lost=4, repeated=2, troubled=1, streams=[stream]),
    )
    assert stream_lines(measured) == [
        "7 of 9 interrupted clients came back, by 12 attempts (at most 5 a second), 1 still away at the end, 1 gave up",
        "numbered events: 48 received of 50 sent, 4 lost, 2 repeated, 0 reordered, 0 late",
        "rt 3: lost 4000 to 6000, 9000 (4), repeated 1000 (2), 1 late",
    ]


def test_what_cannot_be_known_is_told_where_clients_came_back():
    """Without numbers the report says what it does not know."""
    measured = Measured(reconnects=Reconnects(interrupted=1, retries=1, recovered=1), ledger=Ledger(unknown=["bare"]))
    assert stream_lines(measured)[-1] == "bare"


def test_silences_and_their_causes_are_told():
    """Causes come before counts."""
    lines = stream_lines(Measured(idleness=Idleness(stalled=2, silent=1, causes=["a proxy"])))
    assert lines == [
        "a proxy",
        "2 times the producer of a stream stalled behind live heartbeats",
        "1 times a stream went silent, heartbeats and all",
    ]


@pytest.mark.parametrize(
    ("numbers", "shown"),
    [
        ([], ""),
        ([5], "5"),
        ([5, 6, 7, 9], "5 to 7, 9"),
        ([1000, 3000, 4000], "1000, 3000 to 4000"),
        ([*range(0, 100, 5), 200], "0 to 95, 200"),
        ([1, 2, *range(10, 40, 3)], "1 to 2, 10, 13, 16, 19, 22, 25, 28 ..."),
    ],
)
def test_numbers_in_a_row_are_ranges(numbers, shown):
    """The smallest distance is the step of the ranges."""
    assert shown_numbers(numbers) == shown
