"""Looks: how often chance alone decides, and whether the printed power is kept."""

from __future__ import annotations

from math import exp, log
from random import Random

import pytest

from pulsegate.harness.gate.sequential import PASS_LEVEL, Look, looks_of, power, smallest_effect
from pulsegate.harness.statistics.distributions import t_quantile
from pulsegate.harness.statistics.paired import Paired


def share_found(mean: float, scatter: float, looks: list[Look], tests: int, *, times: int, seed: int) -> float:
    """In which share of simulated comparisons some look finds the mean above zero."""
    random = Random(seed)
    critical = [(look.pairs, t_quantile(look.alpha / tests, look.pairs - 1)) for look in looks]
    found = 0
    for _ in range(times):
        differences = [random.gauss(mean, scatter) for _ in range(looks[-1].pairs)]
        found += any(
            (paired := Paired.of(differences[:count])).mean > quantile * paired.error for count, quantile in critical
        )
    return found / times


@pytest.mark.parametrize("pairs", [4, 8, 12, 18, 30])
def test_all_looks_together_keep_the_boundary(pairs):
    """A build that is exactly at the floor fails in 5 % of comparisons, whatever the number of looks."""
    found = share_found(0.0, 1.0, looks_of(pairs), 1, times=4000, seed=pairs)
    assert found == pytest.approx(0.05, abs=0.012)


def test_a_plan_looks_when_a_third_and_more_than_half_are_in():
    """Eighteen pairs are looked at after 6, 10 and 18; the early looks are stricter."""
    looks = looks_of(18)
    assert [look.pairs for look in looks] == [6, 10, 18]
    assert [look.alpha for look in looks] == sorted(look.alpha for look in looks)


def test_few_pairs_are_looked_at_once():
    """Eight pairs are too few to look at a third of them."""
    assert looks_of(8) == [Look(8, 0.05)]


def test_too_few_pairs_are_refused():
    """Three pairs say nothing of how far they scatter."""
    with pytest.raises(ValueError, match="at least 4 pairs"):
        looks_of(3)


@pytest.mark.parametrize(("effect", "scatter"), [(0.10, 0.04), (0.15, 0.06), (0.10, 0.06)])
def test_the_printed_power_is_kept(effect, scatter):
    """Simulated comparisons find a worsening at least as often as printed, less two points."""
    look = looks_of(18)[-1]
    printed = power(effect, margin=0.05, scatter=scatter, look=look, tests=4)
    found = share_found(log(1 + effect) - log(1.05), scatter * 2**0.5, looks_of(18), 4, times=2000, seed=3)
    assert found >= printed - 0.02
    assert found <= printed + 0.10, "or the plan promises too little"


def test_the_smallest_effect_is_found_as_often_as_said():
    """What is said to be seen four times of five is."""
    look = looks_of(18)[-1]
    effect = smallest_effect(0.8, margin=0.05, scatter=0.05, look=look, tests=4)
    assert power(effect, margin=0.05, scatter=0.05, look=look, tests=4) == pytest.approx(0.8, abs=1e-6)
    assert share_found(log(1 + effect) - log(1.05), 0.05 * 2**0.5, looks_of(18), 4, times=2000, seed=4) >= 0.78


def test_without_scatter_all_above_the_floor_is_seen():
    """Runs that always agree leave nothing to chance."""
    look = Look(4, 0.05)
    assert smallest_effect(0.8, margin=0.05, scatter=0.0, look=look, tests=4) == pytest.approx(0.05, abs=1e-3)


def test_at_the_floor_a_pass_is_as_rare_as_stated():
    """At each look one build in twenty passes that is exactly at the floor; over three looks about one in ten."""
    looks = [Look(look.pairs, PASS_LEVEL) for look in looks_of(18)]
    assert share_found(0.0, 1.0, looks, 1, times=4000, seed=9) == pytest.approx(0.10, abs=0.015)


def test_wide_scatter_is_a_number_too():
    """A machine that is hopelessly busy gets a large effect, not an error."""
    assert exp(5) > smallest_effect(0.8, margin=0.05, scatter=0.5, look=Look(6, 0.05), tests=1) > 1
