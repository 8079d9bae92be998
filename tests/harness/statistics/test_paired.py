"""Paired differences: bounds, exact ranks, estimates, several tests at once."""

from __future__ import annotations

from itertools import product
from math import inf
from random import Random

import pytest

from pulsegate.harness.statistics.paired import (
    Granted,
    Paired,
    hodges_lehmann,
    hodges_lehmann_bounds,
    holm,
    signed_rank_p,
)

#: Student's sleep data (Biometrika 6, 1908): the gain of one drug over another, in hours; t = 4.0621 with 9 degrees.
SLEEP = [1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4]


def test_students_own_data_give_students_own_figures():
    """Mean, standard error, p-value and bounds of the paper that made the test."""
    paired = Paired.of(SLEEP)
    assert paired.mean == pytest.approx(1.58)
    assert paired.error == pytest.approx(0.388958, rel=1e-5)
    assert paired.p_above(0.0) == pytest.approx(0.001416445, rel=1e-6)
    assert paired.p_below(0.0) == pytest.approx(1 - 0.001416445, rel=1e-6)
    assert paired.lower(0.025) == pytest.approx(0.7001142, rel=1e-6)
    assert paired.upper(0.025) == pytest.approx(2.4598858, rel=1e-6)


def test_differences_without_any_scatter_are_certain():
    """What is always the same is above a smaller margin for sure, and says nothing about its own."""
    paired = Paired.of([0.2, 0.2, 0.2, 0.2])
    assert (paired.p_above(0.1), paired.p_above(0.2), paired.p_above(0.3)) == (0.0, 0.5, 1.0)


def test_signed_ranks_are_exact():
    """Six differences of one sign come by chance once in 64 times."""
    assert signed_rank_p([1, 2, 3, 4, 5, 6]) == 1 / 64
    assert signed_rank_p([-1, -2, -3, -4, -5, -6]) == 1.0


@pytest.mark.parametrize("differences", [[0.5, -1, 2, 3, -2.5, 4], [1, 1, -1, 2, 2, 3], [0.0, 1.0, -2.0, 2.0]])
def test_signed_ranks_agree_with_counting_all_signs(differences):
    """The dynamic programme finds what going through all sign patterns finds, ties and zeros included."""
    sizes = sorted(abs(value) for value in differences if value)
    ranks = {
        size: sum(index + 1 for index, one in enumerate(sizes) if one == size) / sizes.count(size) for size in sizes
    }
    seen = sum(ranks[value] for value in differences if value > 0)
    sums = [
        sum(rank for rank, positive in zip((ranks[size] for size in sizes), signs, strict=True) if positive)
        for signs in product((False, True), repeat=len(sizes))
    ]
    assert signed_rank_p(differences) == pytest.approx(sum(total >= seen for total in sums) / len(sums))


def test_signed_ranks_take_a_margin():
    """What lies above zero need not lie above more than that."""
    assert signed_rank_p([1, 2, 3, 4, 5, 6], margin=3.5) > 0.5


def test_the_typical_difference_does_not_follow_a_wild_run():
    """One run a hundred times off moves the mean, and hardly the median of averages."""
    assert hodges_lehmann([1, 2, 3, 4, 100]) == 3
    assert hodges_lehmann([1, 2, 3, 4, 5]) == 3


def test_bounds_of_the_typical_difference_are_those_of_the_table():
    """Eight differences at 5 %: the signed-rank table gives 5, so the sixth average from each end."""
    assert hodges_lehmann_bounds([1, 2, 3, 4, 5, 6, 7, 8], 0.05) == (2.5, 6.5)


def test_too_few_differences_bound_nothing():
    """Four differences cannot be significant at 5 %: the best of 16 patterns is 6 %."""
    assert hodges_lehmann_bounds([1, 2, 3, 4], 0.05) == (-inf, inf)


def test_bounds_cover_as_often_as_they_promise():
    """In 2,000 samples of six, the true mean lies above the lower bound at least 19 times of 20."""
    random = Random(5)
    samples = [[random.gauss(0, 1) for _ in range(6)] for _ in range(2000)]
    assert sum(Paired.of(sample).lower(0.05) <= 0 for sample in samples) / 2000 == pytest.approx(0.95, abs=0.015)
    assert sum(hodges_lehmann_bounds(sample, 0.05)[0] <= 0 for sample in samples) / 2000 >= 0.94


def test_holm_is_strictest_with_the_clearest():
    """The textbook example: of 0.01, 0.04, 0.03, 0.005 at 5 %, the two smallest are rejected."""
    granted = holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005}, 0.05)
    assert {name for name, one in granted.items() if one.rejected} == {"a", "d"}
    assert granted["d"] == Granted(0.0125, rejected=True)
    assert granted["a"] == Granted(0.05 / 3, rejected=True)
    assert granted["c"] == Granted(0.025, rejected=False)
    assert granted["b"] == Granted(0.025, rejected=False), "kept, because one before it was"


def test_holm_with_one_hypothesis_is_a_plain_test():
    """A single p-value has the whole level."""
    assert holm({"a": 0.05}, 0.05) == {"a": Granted(0.05, rejected=True)}
    assert holm({}, 0.05) == {}
