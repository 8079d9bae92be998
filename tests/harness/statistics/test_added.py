"""What one way adds, from pairs."""

from __future__ import annotations

import pytest

from pulsegate.harness.statistics.added import added, typical


def test_equal_differences_leave_no_doubt():
    """Where every pair says the same, so does the interval."""
    found = typical([2.0] * 10)
    assert (found.value, found.low, found.high) == (2.0, 2.0, 2.0)


def test_a_stray_pair_moves_the_estimate_little():
    """One pair that was disturbed hardly counts."""
    assert typical([1.0] * 19 + [500.0]).value == 1.0


def test_few_pairs_give_their_whole_range():
    """Below six pairs no interval can be had but from the least to the most."""
    found = typical([1.0, 2.0, 9.0])
    assert (found.low, found.high) == (1.0, 9.0)


def test_the_interval_is_that_of_the_signed_rank_test():
    """For 1 to 10 the 9th of the 55 means of two from either end: 3 and 8."""
    found = typical([float(number) for number in range(1, 11)])
    assert (found.low, found.value, found.high) == (3.0, 5.5, 8.0)


def test_the_ratio_is_that_of_the_pairs():
    """A doubling is a doubling whether the pair was fast or slow."""
    found = added([1.0, 10.0, 100.0], [2.0, 20.0, 200.0])
    assert found.ratio.value == pytest.approx(2.0)
    assert (found.pairs, found.direct, found.through) == (3, 10.0, 20.0)
    assert (found.difference.low, found.difference.high) == (1.0, 100.0)


def test_pairs_must_match():
    """A time without its pair is a mistake, not a measurement."""
    with pytest.raises(ValueError, match="shorter"):
        added([1.0, 2.0], [1.0])
