"""From pairs to a word for each documented claim."""

from __future__ import annotations

from collections import Counter

import pytest

from pulsegate.harness.browser.claims import BATCHING, CLAIMS, SOCKET, interleaved, judge, not_measured

OFF = [1.0] * 6


@pytest.mark.parametrize(
    ("on", "verdict", "certain"),
    [
        ([0.5] * 6, "confirmed", True),
        ([0.6] * 6, "confirmed", True),
        ([0.2] * 6, "exceeded", True),
        ([0.9] * 6, "not reached", True),
        ([1.2] * 6, "not reached", True),
        ([0.35, 0.4, 0.45, 0.45, 0.5, 0.62], "confirmed", False),
    ],
)
def test_less_is_judged_by_the_documented_range(on, verdict, certain):
    """40 to 60 % less is confirmed, more is exceeded; an interval that crosses a limit leaves a doubt."""
    claim = judge(BATCHING, OFF, on)
    assert (claim.verdict, claim.certain) == (verdict, certain)


@pytest.mark.parametrize(("on", "verdict"), [(130, "confirmed"), (119, "not reached"), (500, "exceeded")])
def test_more_is_judged_by_the_documented_range(on, verdict):
    """20 to 40 % more throughput."""
    claim = judge(SOCKET, [100.0] * 6, [float(on)] * 6)
    assert claim.verdict == verdict
    assert claim.change is not None
    assert claim.change.value == pytest.approx(on - 100)


def test_pairs_are_compared_with_each_other():
    """A machine that is slower in every other pair changes the medians, not the ratio."""
    claim = judge(SOCKET, [100, 50, 100, 50, 100, 50], [130, 65, 130, 65, 130, 65])
    assert claim.change is not None
    assert (claim.change.low, claim.change.high) == (pytest.approx(30), pytest.approx(30))
    assert claim.pairs == 6


def test_the_interval_encloses_the_estimate():
    """Low is below high, in percent of the documented direction."""
    change = judge(BATCHING, OFF, [0.3, 0.4, 0.5, 0.4, 0.35, 0.45]).change
    assert change is not None
    assert change.low < change.value < change.high
    assert 50 <= change.low < change.high <= 70


def test_what_counted_nothing_is_not_measured():
    """A zero on either side is no pair."""
    assert judge(BATCHING, [0.0], [1.0]).verdict == "not measured"
    assert not_measured(SOCKET, "the server refuses it").reason == "the server refuses it"


def test_both_sides_are_mixed_anew_in_each_repetition():
    """Each side once a repetition, the order the same for one seed and not for all repetitions."""
    arms = [one.name for one in CLAIMS]
    work = list(interleaved(arms, 5, seed=1))
    assert Counter(work) == dict.fromkeys([(arm, on) for arm in arms for on in (False, True)], 5)
    rounds = [tuple(work[start : start + 8]) for start in range(0, 40, 8)]
    assert len(set(rounds)) > 1
    assert all(len(set(one)) == 8 for one in rounds)
    assert work == list(interleaved(arms, 5, seed=1)) != list(interleaved(arms, 5, seed=2))
