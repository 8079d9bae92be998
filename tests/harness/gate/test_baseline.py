"""One build against a stored record: what two sessions can tell, and what gates on any machine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from pulsegate.harness.errors import ExitCode, RecordError
from pulsegate.harness.gate.baseline import Sessions, baseline_of, compare_stored
from pulsegate.harness.gate.quantities import deciding
from pulsegate.harness.gate.verdict import with_comparison
from pulsegate.harness.record import BandShares, Environment, Metric, RunRecord, TargetInfo, Verdict
from pulsegate.harness.record.comparison import Planned, Repeated, RunFigures

DECIDES = deciding([])
MACHINE = Environment(pulsegate="1", python="3.11", platform="linux", cpus=2, cpu="a processor", memory_gb=8.0)
PLAN = Planned(pairs=6, looks=[6], levels=[0.05], decides=[], streams=10, rate=5, duration_s=5)


@pytest.fixture
def session(usual):
    """Make the record of one session: six runs at a level, which scatter by half a percent."""

    def make(day: int, level: float = 1.0, seed: int = 0, **members) -> RunRecord:
        random = Random(f"{day}:{seed}")
        runs = [
            RunFigures(figures={name: value * level * random.gauss(1, 0.005) for name, value in usual.items()})
            for _ in range(6)
        ]
        began = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day)
        given = {"environment": MACHINE, "repeated": Repeated(planned=PLAN, runs=runs)} | members
        return RunRecord(
            command="gate",
            started_at=began,
            finished_at=began,
            target=TargetInfo(url="http://127.0.0.1:1"),
            verdict=Verdict(exit_code=0, sentence="contract; load held"),
            **given,
        )

    return make


def history(session, days: int, scatter: float, step_at: int = 10_000) -> list[RunRecord]:
    random = Random(8)
    return [session(day, random.gauss(1, scatter) * (1.3 if day >= step_at else 1.0)) for day in range(days)]


def test_without_a_history_small_changes_are_not_claimed(session):
    """A fifth slower than another day may be that day's fault: open, with what could have been seen."""
    comparison = compare_stored(session(9, 1.2), Sessions(session(0), "base.json"), DECIDES)
    assert comparison.finding == "open"
    assert 0.4 < (comparison.quantities["token_gap_p95"].smallest_effect or 0) < 0.9


def test_twice_as_slow_is_worse_on_any_day(session):
    """Sessions do not scatter that far."""
    comparison = compare_stored(session(9, 2.0), Sessions(session(0), "base.json"), DECIDES)
    assert comparison.finding == "worse"
    assert comparison.a.what == "base.json (2026-01-01 00:00)"


def test_a_history_says_how_far_sessions_scatter(session):
    """Where they agree within a percent, twelve of them make a fifth plain, and equal a PASS."""
    older = history(session, 12, 0.01)
    known = Sessions(session(20), "base.json", older)
    assert compare_stored(session(21, 1.2), known, DECIDES).finding == "worse"
    assert compare_stored(session(21, 1.0), known, DECIDES).finding == "held"


def test_sessions_before_a_change_are_not_taken_for_scatter(session):
    """A known step long ago is advised of, and does not widen the bounds."""
    older = history(session, 30, 0.01, step_at=15)
    known = Sessions(session(40, 1.3), "base.json", older)
    comparison = compare_stored(session(41, 1.3), known, DECIDES)
    assert comparison.finding == "held"
    [remark] = [remark for remark in comparison.remarks if remark.startswith("gap between tokens")]
    assert "sessions ago: 5" in remark
    assert "(+3" in remark


def test_another_machine_makes_timing_advisory(session):
    """Twice as slow there decides nothing; the sentence names what differs."""
    other = MACHINE.model_copy(update={"cpu": "another", "cpus": 8})
    comparison = compare_stored(session(9, 2.0), Sessions(session(0, environment=other), "base.json"), DECIDES)
    assert comparison.finding == "open"
    assert not any(one.decides for one in comparison.quantities.values())
    assert "the processor is a processor, was another; the number of CPUs is 2, was 8" in comparison.sentence


def banded(degraded: float) -> dict[str, Metric]:
    bands = BandShares(excellent=1 - degraded, good=0.0, degraded=degraded)
    return {
        "sse.connect": Metric(
            unit="ms", count=99, min=1, p50=2, p90=3, p95=3, p99=3, p999=3, max=301, bands=bands
        )
    }  # fmt: skip


def test_bands_and_counts_gate_on_any_machine(session):
    """What degraded since, and what failed, breaks the build whatever the machine is."""
    other = MACHINE.model_copy(update={"cpus": 8})
    base = Sessions(session(0, environment=other, metrics=banded(0.01)), "base.json")
    assert compare_stored(session(9, metrics=banded(0.02)), base, DECIDES).finding == "open"
    worse = compare_stored(session(9, metrics=banded(0.2)), base, DECIDES)
    assert worse.finding == "worse"
    assert worse.broken == ["sse.connect has degraded: 20 % of the samples have, 1 % had"]
    failing = session(9)
    assert failing.repeated is not None
    failing.repeated.runs[0].counts["requests failed"] = 3
    assert compare_stored(failing, base, DECIDES).broken == ["3 requests failed"]


def test_runs_that_the_generator_spoiled_do_not_count(session):
    """Of six runs, four spoiled ones leave too few to say anything."""
    ours = session(9, 2.0)
    assert ours.repeated is not None
    for run in ours.repeated.runs[:4]:
        run.doubts.append("late")
    assert compare_stored(ours, Sessions(session(0), "base.json"), DECIDES).quantities == {}


@pytest.mark.parametrize(
    ("level", "before", "after"), [(2.0, 0, 1), (1.0, 0, 0), (1.0, 1, 1), (1.0, 3, 3), (2.0, 3, 1)]
)
def test_worse_breaks_the_gate_and_open_changes_nothing(session, level, before, after):
    """The contract and the counts were measured; what two sessions cannot tell apart is said, and is no failure."""
    ours = session(9, level)
    ours = ours.model_copy(update={"verdict": Verdict(exit_code=before, sentence="contract")})
    merged = with_comparison(ours, compare_stored(ours, Sessions(session(0), "base.json"), DECIDES))
    assert merged.exit_code == ExitCode(after)
    assert merged.verdict.sentence.startswith("contract; against the baseline: ")


def test_a_record_without_repeated_runs_is_no_baseline(session):
    """The remedy is named."""
    with pytest.raises(RecordError, match="at repeated: this record is no baseline; `pulsegate gate --save-baseline`"):
        baseline_of(session(0, repeated=None), "old.json")


@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf")])
def test_a_figure_that_no_run_has_is_named(session, value):
    """A baseline that somebody edited is refused with the place."""
    record = session(0)
    assert record.repeated is not None
    record.repeated.runs[2].figures["token_gap_p95"] = value
    with pytest.raises(RecordError, match=r"base\.json: at repeated\.runs\.2\.figures\.token_gap_p95"):
        baseline_of(record, "base.json")
