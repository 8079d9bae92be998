"""Pairs until a look decides, with runs whose figures are made up."""

from __future__ import annotations

from random import Random

import pytest

from pulsegate.harness.errors import CouldNotMeasure
from pulsegate.harness.gate.builds import UrlBuild
from pulsegate.harness.gate.forecast import plan_lines
from pulsegate.harness.gate.pairing import Pairing, PairPlan
from pulsegate.harness.gate.quantities import deciding
from pulsegate.harness.gate.workload import Done
from pulsegate.harness.profile import Profile
from pulsegate.harness.record.comparison import RunFigures
from pulsegate.harness.target import Target

A, B = "http://127.0.0.1:1", "http://127.0.0.1:2"


class Runs:
    """Answers for a load: both builds have the same figures but for B's share more, and hardly scatter."""

    def __init__(self, figures: dict[str, float], worse: float = 0.0) -> None:
        self.order: list[str] = []
        self.seeds: list[int] = []
        self.scatter = 0.002
        self.spoiled: set[int] = set()
        self.counts: dict[int, dict[str, int]] = {}
        self.interrupted_at = 0
        self._figures = dict(figures)
        self._worse = worse
        self._random = Random(4)

    def __call__(self, running, _workload, seed, _logs) -> Done:
        side = "a" if running.target.url == A else "b"
        self.order.append(side)
        self.seeds.append(seed)
        number = len(self.order)
        share = 1 + (self._worse if side == "b" else 0.0)
        figures = {name: value * share * self._random.gauss(1, self.scatter) for name, value in self._figures.items()}
        doubts = ["the generator was saturated"] if number in self.spoiled else []
        run = RunFigures(figures=figures, counts=self.counts.get(number, {}), doubts=doubts)
        return Done(run, interrupted=number == self.interrupted_at)


@pytest.fixture
def pairing(tmp_path, usual):
    """Make a pairing over made-up runs."""

    def make(worse: float = 0.0, pairs: int = 18, **plan) -> tuple[Pairing, Runs]:
        runs = Runs(usual, worse)
        builds = [UrlBuild(Target(url=url, profile=Profile())) for url in (A, B)]
        return Pairing(PairPlan(pairs, deciding([]), **plan), *builds, tmp_path, runs), runs

    return make


def test_equal_builds_pass_at_the_first_look(pairing):
    """Six pairs, twelve runs, and no more."""
    made, runs = pairing()
    comparison = made.measure()
    assert comparison.finding == "held"
    assert comparison.used == 6
    assert runs.order.count("a") == runs.order.count("b") == 6


def test_a_worse_build_fails(pairing):
    """All its figures are worse, and are named."""
    comparison = pairing(worse=0.2)[0].measure()
    assert comparison.finding == "worse"
    assert comparison.sentence.startswith("FAIL: B is worse: time to first token, p50 +")


def test_the_order_is_drawn_and_the_schedule_shared(pairing):
    """Either build goes first at times; both runs of a pair have the same seed; the draw is that of the plan's seed."""
    made, runs = pairing(seed=5)
    orders = [pair.order for pair in made.measure().pairs]
    assert set(orders) == {"ab", "ba"}
    assert runs.seeds == [seed for seed in range(6, 12) for _ in range(2)]
    assert [pair.order for pair in pairing(seed=5)[0].measure().pairs] == orders


def test_what_scatters_is_measured_to_the_end_and_left_open(pairing):
    """All eighteen pairs, and then what could have been seen."""
    made, runs = pairing()
    runs.scatter = 0.4
    comparison = made.measure()
    assert (comparison.finding, comparison.used) == ("open", 18)
    assert comparison.sentence.startswith("INCONCLUSIVE after 18 pairs")
    assert all((one.smallest_effect or 0) > 0.3 for one in comparison.quantities.values() if one.finding == "open")


def test_a_spoiled_pair_is_measured_again(pairing):
    """It counts for no figure, and is said."""
    made, runs = pairing()
    runs.spoiled = {3}
    comparison = made.measure()
    assert (comparison.used, len(comparison.pairs)) == (6, 7)
    assert "saturated" in comparison.pairs[1].left_out
    assert comparison.remarks == [
        f"pairs left out, for the generator spoiled them: 1; the first: {comparison.pairs[1].left_out}"
    ]


def test_a_generator_that_spoils_everything_ends_the_comparison(pairing):
    """A third of the planned pairs is measured again, not more."""
    made, runs = pairing()
    runs.spoiled = set(range(100))
    comparison = made.measure()
    assert (comparison.finding, comparison.used, len(comparison.pairs)) == ("open", 0, 7)


def test_the_first_failure_of_b_ends_it(pairing):
    """Counts gate at zero."""
    made, runs = pairing()
    runs.counts = {1: {"requests failed": 2}, 2: {"requests failed": 2}}
    comparison = made.measure()
    assert comparison.finding == "worse"
    assert comparison.broken == ["2 requests failed"]
    assert comparison.remarks == ["A has failures of its own: 2 requests failed"]
    assert len(comparison.pairs) == 1


def test_known_failures_need_no_run(pairing):
    """What the contract's check found fails B before the first pair."""
    made, runs = pairing()
    made.known = ["SSE-1 fails: answers an event stream"]
    assert made.measure().sentence == "FAIL: B is worse: SSE-1 fails: answers an event stream"
    assert runs.order == []


def test_an_interrupt_leaves_what_was_measured(pairing):
    """The pair that was cut short is not in it, and nothing is decided on less than a look."""
    made, runs = pairing(worse=0.5)
    runs.interrupted_at = 10
    comparison = made.measure()
    assert made.interrupted
    assert (comparison.finding, comparison.used) == ("open", 4)
    assert comparison.quantities["first_token_p50"].change.value == pytest.approx(0.5, abs=0.02)


def test_an_interrupt_between_runs_does_too(pairing):
    """Also while a server starts."""
    made, _ = pairing()

    def interrupt(_pairing, _side):
        raise KeyboardInterrupt

    made.on_run = interrupt
    assert made.measure().finding == "open"
    assert made.interrupted


def test_a_build_that_cannot_be_loaded_is_named(pairing, tmp_path, usual):
    """The sentence says which of the two it was."""

    def load(running, *_):
        if running.target.url == B:
            raise CouldNotMeasure("nobody answers")
        return Done(RunFigures(figures=usual))

    builds = [UrlBuild(Target(url=url, profile=Profile())) for url in (A, B)]
    with pytest.raises(CouldNotMeasure, match=r"^B: nobody answers$"):
        Pairing(PairPlan(4, deciding([])), *builds, tmp_path, load).measure()


def test_what_was_asked_for_must_be_measured(pairing):
    """A figure that decides by name, and that no run has, leaves the comparison open; by default it is left out."""
    lenient, runs = pairing()
    del runs._figures["memory_per_connection"]
    comparison = lenient.measure()
    assert comparison.finding == "held"
    assert "with commands (--a-cmd, --b-cmd)" in comparison.missing["memory_per_connection"]
    strict, runs = pairing(strict=True, pairs=4)
    del runs._figures["memory_per_connection"]
    assert strict.measure().finding == "open"


def test_no_pair_is_begun_after_the_timeout(pairing):
    """The comparison ends, open, and says why."""
    comparison = pairing(timeout_s=0.0)[0].measure()
    assert comparison.finding == "open"
    assert comparison.remarks == ["the comparison ended after 0 s, as --timeout says"]


def test_the_plan_says_cost_and_sight_before_it_begins(pairing):
    """Pairs, looks, minutes, what decides, and what is seen how often."""
    made, _ = pairing()
    text = "\n".join(plan_lines(made.plan, made.run_s))
    assert "at most 18 pairs" in text
    assert "looked at after 6, 10 and 18" in text
    assert "3 min where the first look decides, 8 min at most" in text
    assert "+10 % in 78 %, +20 % in 100 %" in text


def test_the_time_left_follows_the_runs(pairing):
    """It shrinks with the pairs, and is that of the next look and of the last."""
    made, _ = pairing()
    seen = []
    made.on_pair = lambda one: seen.append((one.left_s(6), one.left_s(18)))
    made.measure()
    assert [left for left, _ in seen][-1] == 0
    assert all(first <= last for first, last in seen)


def test_a_figure_that_the_generator_was_too_late_for_is_not_passed_over(pairing, tmp_path, usual):
    """Equal in all else, the builds do not pass where a figure that decides could not be told."""
    del usual["first_token_p95"]

    def load(*_):
        return Done(RunFigures(figures=usual, unsure=["first_token_p95"]))

    builds = [UrlBuild(Target(url=url, profile=Profile())) for url in (A, B)]
    comparison = Pairing(PairPlan(4, deciding([])), *builds, tmp_path, load).measure()
    assert comparison.finding == "open"
    assert "sent too many requests late" in comparison.missing["first_token_p95"]


def test_a_build_that_stops_starting_leaves_what_was_measured(pairing):
    """Its fourth run comes to nothing: three pairs are kept, nothing is decided, and the reason is said."""
    made, runs = pairing(worse=0.5)
    answered = made._load

    def load(*given):
        if len(runs.order) == 7:
            raise CouldNotMeasure("the build ended at once")
        return answered(*given)

    made._load = load
    comparison = made.measure()
    assert (comparison.finding, comparison.used) == ("open", 3)
    assert "ended early: " in comparison.remarks[0]
    assert not made.interrupted


def test_nothing_is_decided_between_two_looks(pairing):
    """What an interrupt leaves after the seventh pair is judged by the look at six."""
    made, runs = pairing()
    runs.scatter = 0.4
    runs.interrupted_at = 15
    comparison = made.measure()
    assert (len(comparison.pairs), comparison.used, comparison.finding) == (7, 6, "open")
