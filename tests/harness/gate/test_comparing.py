"""Findings from the figures of runs: worse, held, open, and how often chance alone makes them."""

from __future__ import annotations

from random import Random

import pytest

from pulsegate.harness.gate.comparing import broken_counts, compare_pairs, overall, sentence
from pulsegate.harness.gate.quantities import deciding
from pulsegate.harness.gate.sequential import Look, looks_of
from pulsegate.harness.record.comparison import Pair, RunFigures

DECIDES = deciding([])
#: What hardly scatters: three parts in a thousand.
QUIET = {"scatter": 0.003, "machine": 0.0}


def of(a: float, b: float, count: int = 6, name: str = "first_token_p50") -> list[Pair]:
    """Pairs that hardly scatter around one figure each."""
    wobble = [1 + 0.001 * (index % 3 - 1) for index in range(count)]
    return [Pair(order="ab", a=RunFigures(figures={name: a}), b=RunFigures(figures={name: b * one})) for one in wobble]


def decide(pairs: list[Pair], plan: list[Look]) -> tuple[str, int]:
    """The finding of a whole comparison, and after how many pairs it was made."""
    for look in plan:
        finding = overall(compare_pairs(pairs[: look.pairs], DECIDES, look), [])
        if finding != "open":
            break
    return finding, look.pairs


def test_builds_that_do_not_differ_pass_at_the_first_look(make_pairs):
    """On a quiet machine six pairs are enough."""
    assert decide(make_pairs(18, Random(1), **QUIET), looks_of(18)) == ("held", 6)


def test_a_build_that_is_a_fifth_slower_fails_at_the_first_look(make_pairs):
    """On a quiet machine, six pairs show it; only the figure that is worse is named."""
    quantities = compare_pairs(
        make_pairs(6, Random(1), worse={"token_gap_p95": 0.2}, **QUIET), DECIDES, looks_of(18)[0]
    )
    assert [name for name, one in quantities.items() if one.finding == "worse"] == ["token_gap_p95"]
    worse = quantities["token_gap_p95"]
    assert worse.change.value == pytest.approx(0.2, abs=0.01)
    assert worse.change.low is not None
    assert 0.05 < worse.change.low < worse.change.value
    assert worse.p_worse < worse.level < 0.05 / 4
    assert "gap between tokens, p95 +20" in sentence("worse", quantities, [], "6 pairs")


@pytest.mark.parametrize(
    ("name", "a", "b", "finding"),
    [
        ("first_token_p50", 100.0, 104.0, "held"),
        ("first_token_p50", 100.0, 107.0, "worse"),
        ("first_token_p50", 5.0, 5.9, "held"),  # 18 %, but less than 1 ms
        ("first_token_p50", 5.0, 6.2, "worse"),
        ("first_token_p50", 0.2, 0.9, "held"),  # below a millisecond nothing is told apart
        ("first_token_p50", 0.2, 2.5, "worse"),
        ("memory_per_connection", 100.0, 102.5, "held"),
        ("memory_per_connection", 100.0, 104.0, "worse"),
        ("memory_per_connection", 10.0, 10.8, "held"),  # 8 %, but less than 1 kB
        ("memory_per_connection", 0.0, 4.0, "worse"),
        ("first_token_p50", 100.0, 50.0, "held"),
    ],
)
def test_worse_is_by_the_floor_and_by_the_absolute_minimum(name, a, b, finding):
    """Both must be exceeded: a small share of much, or a large share of next to nothing, is no regression."""
    assert compare_pairs(of(a, b, name=name), [name], Look(6, 0.05))[name].finding == finding


def test_what_lies_on_the_floor_is_left_open():
    """Neither bound excludes it, and the smallest effect that could have been seen is named."""
    quantities = compare_pairs(of(100.0, 105.0), ["first_token_p50"], Look(6, 0.05))
    assert quantities["first_token_p50"].finding == "open"
    assert quantities["first_token_p50"].smallest_effect == pytest.approx(0.053, abs=0.003)
    assert "would have been seen" in sentence("open", quantities, [], "6 pairs")


def test_an_advisory_figure_never_decides(make_pairs):
    """Connecting is twice as slow, and is shown; the verdict rests on the others."""
    quantities = compare_pairs(make_pairs(6, Random(2), worse={"connect_p95": 1.0}, **QUIET), DECIDES, Look(6, 0.05))
    assert quantities["connect_p95"].finding == "worse"
    assert overall(quantities, []) == "held"


def test_a_broken_count_fails_whatever_the_timing_says(make_pairs):
    """One dropped connection of B is enough; A's own are not B's fault."""
    pairs = make_pairs(6, Random(3), **QUIET)
    pairs[2].b.counts["connections dropped"] = 1
    pairs[3].b.counts["connections dropped"] = 2
    pairs[4].a.counts["requests failed"] = 7
    assert broken_counts(pairs, "b") == ["3 connections dropped"]
    quantities = compare_pairs(pairs, DECIDES, Look(6, 0.05))
    broken = broken_counts(pairs, "b")
    assert overall(quantities, broken) == "worse"
    assert sentence("worse", quantities, broken, "6 pairs") == "FAIL: B is worse: 3 connections dropped"


def test_nothing_measured_is_not_held():
    """Without a figure that decides there is no PASS."""
    assert overall(compare_pairs([], DECIDES, Look(6, 0.05)), []) == "open"
    assert overall(compare_pairs(of(10, 10, count=3), DECIDES, Look(6, 0.05)), []) == "open", "three say nothing"


def test_a_figure_that_some_pairs_lack_is_judged_on_the_others():
    """Pairs without it are not taken for zero."""
    pairs = of(100.0, 100.0, count=7)
    del pairs[3].b.figures["first_token_p50"]
    assert compare_pairs(pairs, DECIDES, Look(6, 0.05))["first_token_p50"].runs == 6


def test_at_most_one_percent_of_equal_builds_fail(make_pairs):
    """2,000 simulated comparisons of a build with itself, on a machine that is busy by turns."""
    random = Random(2026)
    plan = looks_of(18)
    findings = [decide(make_pairs(18, random), plan)[0] for _ in range(2000)]
    assert findings.count("worse") <= 20
    assert findings.count("held") > 500, "and the comparison does decide"


def test_a_fifth_slower_is_caught_in_more_than_95_percent(make_pairs):
    """200 simulated comparisons at the usual scatter: nearly all fail, most of them before the last look."""
    random = Random(7)
    found = [decide(make_pairs(18, random, worse={"token_gap_p95": 0.2}), looks_of(18)) for _ in range(200)]
    assert sum(finding == "worse" for finding, _ in found) >= 190
    assert sum(pairs for _, pairs in found) / 200 < 12


def test_wild_runs_do_not_fail_an_equal_build(make_pairs):
    """One run in ten takes three times as long: that widens the bounds, it does not shift them."""
    random = Random(11)
    failed = 0
    for _ in range(500):
        pairs = make_pairs(18, random)
        for pair in pairs:
            for run in (pair.a, pair.b):
                if random.random() < 0.1:
                    run.figures = {name: 3 * value for name, value in run.figures.items()}
        failed += decide(pairs, looks_of(18))[0] == "worse"
    assert failed <= 5
