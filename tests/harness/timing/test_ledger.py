"""Accounts of numbered events across reconnections."""

from __future__ import annotations

import pytest

from pulsegate.harness.timing.ledger import (
    LATE_NS,
    MOST_NAMED,
    TOO_FEW,
    UNEVEN,
    Counts,
    Numbering,
    StreamLedger,
    number_of,
)


@pytest.fixture
def sums() -> Counts:
    return Counts()


def ledger_of(sums: Counts, *connections: list[int], numbering: Numbering | None = None) -> StreamLedger:
    """A ledger that was given the numbers of each connection."""
    ledger = StreamLedger("stream 1", numbering or Numbering(), sums)
    for number, ids in enumerate(connections):
        if number:
            ledger.reconnected()
        for one in ids:
            ledger.take(one)
    return ledger


def test_an_undisturbed_stream_has_nothing_to_tell(sums):
    """Consecutive numbers are received, and nothing else."""
    ledger = ledger_of(sums, list(range(1, 2001)))
    assert not ledger.troubled
    assert sums == Counts(numbered=2000)
    assert ledger.account().received == 2000


def test_a_resumed_stream_has_nothing_to_tell(sums):
    """A reconnection that goes on where it was cut is no disturbance, whatever the step."""
    ledger = ledger_of(sums, [1000, 2000, 3000], [4000, 5000])
    assert not ledger.troubled
    assert sums == Counts(numbered=5)


def test_what_is_missing_is_lost_and_named(sums):
    """Each number that was skipped is named, on one connection or between two."""
    ledger = ledger_of(sums, [1000, 2000, 3000, 5000], [8000, 9000])
    account = ledger.account()
    assert account.lost == [4000, 6000, 7000]
    assert account.lost_count == sums.lost == 3


def test_what_comes_again_is_repeated_and_named(sums):
    """A number that was seen before is repeated, once for each time."""
    ledger = ledger_of(sums, [1, 2, 3, 4], [3, 4, 5], [4, 5, 6])
    account = ledger.account()
    assert account.repeated == [3, 4, 5]
    assert account.repeated_count == sums.repeated == 4
    assert account.lost == []
    assert account.received == 10


def test_what_comes_after_a_later_one_is_reordered_and_not_lost(sums):
    """A hole that is filled afterwards was a change of order."""
    ledger = ledger_of(sums, [1, 2, 3, 5])
    assert sums.lost == 1
    ledger.take(4)
    account = ledger.account()
    assert (account.lost, account.reordered) == ([], [4])
    assert (sums.lost, sums.reordered) == (0, 1)


def test_what_was_before_the_first_is_no_filled_hole(sums):
    """A number below all others is reordered, and no loss is taken back for it."""
    ledger = ledger_of(sums, [5, 6, 7, 3])
    assert ledger.account().reordered == [3]
    assert (sums.lost, ledger.account().lost) == (1, [4])


def test_greetings_between_the_steps_belong_to_no_sequence(sums):
    """The ids of resumed streams' greetings are neither lost, repeated nor received."""
    ledger = ledger_of(sums, [1, 1000, 2000, 3000], [3001, 4000], [4001, 5000])
    assert not ledger.troubled
    assert sums.numbered == 5


def test_a_numbering_that_begins_anew_is_told(sums):
    """A server that forgot the stream sends everything again: that is repeated, and its cause is told."""
    account = ledger_of(sums, [1000, 2000, 3000, 4000], [1000, 2000, 3000]).account()
    assert account.repeated == [1000, 2000, 3000]
    assert account.unknown == "the numbering began anew after a reconnection"


def test_uneven_ids_tell_repetitions_but_no_losses(sums):
    """Where a lost event leaves no hole, the account says that it cannot know."""
    ids = [10, 11, 15, 16, 30, 31, 70, 80, 95]
    account = ledger_of(sums, ids, [80, 95, 99]).account()
    assert account.unknown == UNEVEN
    assert (account.lost, account.lost_count, sums.lost) == ([], 0, 0)
    assert account.repeated == [80, 95]


def test_uneven_ids_cost_bounded_memory(sums):
    """Of uneven ids, only the latest are remembered."""
    ledger = StreamLedger("stream 1", Numbering(), sums)
    for number in range(20_000):
        ledger.take(number * number)
    assert len(ledger._seen.ranges()) <= 1_001


def test_a_step_is_shared_by_all_streams(sums):
    """What one stream found out serves another that has too few ids of its own."""
    numbering = Numbering()
    ledger_of(sums, [1000, 2000, 3000], numbering=numbering)
    assert ledger_of(sums, [1000], [3000], numbering=numbering).account().lost == [2000]


def test_a_greeting_does_not_shift_the_steps(sums):
    """Where another stream has shown the step, the id of a greeting that comes first is no event of the run."""
    numbering = Numbering()
    ledger_of(sums, [1, 1000, 2000, 3000], numbering=numbering)
    later = ledger_of(sums, [1, 1000, 2000, 4000], numbering=numbering)
    assert later.account().lost == [3000]
    assert sums == Counts(numbered=6, lost=1)


def test_a_stream_may_lie_elsewhere_between_the_steps(sums):
    """Two of its own a step apart show where its ids lie."""
    numbering = Numbering()
    ledger_of(sums, [1000, 2000, 3000], numbering=numbering)
    assert ledger_of(sums, [1007, 2007, 4007], numbering=numbering).account().lost == [3007]


def test_ids_of_two_connections_show_no_step(sums):
    """What was lost between two connections is not taken for the step."""
    account = ledger_of(sums, [1000, 2000], [5000]).account()
    assert account.unknown == TOO_FEW
    assert account.received == 3


def test_stamps_are_counted_from_their_first(sums):
    """Where the first number is known, what is missing before the first that came is lost too."""
    ledger = StreamLedger("stream 1, connection 2", Numbering(1), sums, first=1)
    for number in (3, 4):
        ledger.take(number)
    assert ledger.account().lost == [1, 2]
    assert ledger.account().received == sums.numbered == 2


def test_what_was_long_under_way_is_late(sums):
    """An event that took longer than the limit from its stamp is late, though nothing is lost."""
    ledger = StreamLedger("stream 1", Numbering(1), sums, first=1)
    ledger.take(1, delay_ns=LATE_NS)
    ledger.take(2, delay_ns=LATE_NS + 1)
    assert (sums.late, ledger.account().late, ledger.troubled) == (1, 1, True)


def test_lists_are_bounded_and_counts_exact(sums):
    """Of a great loss the first numbers are named, and all are counted."""
    account = ledger_of(sums, [1, 2, 3, 10_003]).account()
    assert account.lost == list(range(4, 4 + MOST_NAMED))
    assert account.lost_count == 9_999


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("42", 42),
        ("", None),
        ("e-7", None),
        ("1-0", None),
        ("٣", None),
        ("-1", None),
        ("1" * 41, None),
    ],
)
def test_which_ids_are_numbers(text, number):
    """Decimal digits are, nothing else is."""
    assert number_of(text) == number
