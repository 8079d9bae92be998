"""Which verdict a run comes to."""

from __future__ import annotations

from pulsegate.harness.browser.figures import Figures
from pulsegate.harness.browser.instrumented import with_parameters
from pulsegate.harness.browser.measuring import browser_clauses
from pulsegate.harness.browser.recording import browser_run, run_verdict
from pulsegate.harness.contract.judged import Judgement, result_of
from pulsegate.harness.contract.registry import load_clauses
from pulsegate.harness.profile import Profile
from pulsegate.harness.record import BrowserRun

CLAUSE = load_clauses()["BROWSER-2"]


def run_of(**samples: list[float]) -> BrowserRun:
    figures = Figures()
    for name, values in samples.items():
        figures.samples.add(name.replace("__", "."), *values)
    return browser_run(
        figures, Profile(), browser="Chromium 1", page="http://127.0.0.1:1/", instrumented=True, inputs={},
        console=[], network_errors=[], screenshots=[],
    )  # fmt: skip


def verdict(*judged: Judgement, problem: str = "", interrupted: bool = False, accepted: str | None = None, **samples):
    clauses = [result_of(CLAUSE, one, accepted=accepted) for one in judged]
    return run_verdict(clauses, run_of(**samples), problem=problem, interrupted=interrupted)


def test_a_failed_clause_or_a_degraded_band_breaks_it():
    """Either is exit code 1, and named."""
    failed = verdict(Judgement("failed", actual="no"), render_time=[1.0])
    assert (failed.exit_code, failed.failed) == (1, 1)
    assert "BROWSER-2 failed" in failed.sentence
    degraded = verdict(Judgement("passed"), render_time=[50.0], memory=[20.0])
    assert degraded.exit_code == 1
    assert "degraded: render time" in degraded.sentence


def test_a_comparison_never_breaks_it():
    """What a page costs without its optimisations is shown, and decides nothing."""
    found = verdict(Judgement("passed"), memory=[1.0], memory__unmanaged=[500.0])
    assert found.exit_code == 0
    run = run_of(memory=[1.0], memory__unmanaged=[500.0])
    assert run.judged == {"memory": "excellent"}
    bands = run.metrics["memory.unmanaged"].bands
    assert bands is not None
    assert bands.degraded == 1


def test_a_run_that_ended_early_is_not_a_pass():
    """Exit code 3 unless something was already seen to break; interrupted is 130."""
    assert verdict(Judgement("passed"), problem="Chromium ended").exit_code == 3
    assert verdict(Judgement("failed"), problem="Chromium ended").exit_code == 1
    assert verdict(Judgement("failed"), interrupted=True).exit_code == 130
    assert verdict(Judgement("not_measured", reason="why")).exit_code == 3


def test_an_accepted_deviation_does_not_break_it():
    """It is reported with its reason, and as stale once the clause holds."""
    found = verdict(Judgement("failed", actual="no"), accepted="ticket 1")
    assert (found.exit_code, found.accepted) == (0, 1)
    assert result_of(CLAUSE, Judgement("passed"), accepted="ticket 1").stale_acceptance


def test_every_claim_is_named_even_when_nothing_was_measured():
    """A claim that was not reached says why."""
    assert {(one.verdict, one.reason) for one in run_of().claims} == {("not measured", "the run ended before")}


def test_a_run_of_the_contract_alone_speaks_of_no_claims():
    """Nothing ended before them: they were not asked for."""
    run = browser_run(
        Figures(), Profile(), browser="Chromium 1", page="http://127.0.0.1:1/", instrumented=True, contract_only=True,
        inputs={}, console=[], network_errors=[], screenshots=[],
    )  # fmt: skip
    assert run.claims == []


def test_the_clauses_of_the_browser_are_those_of_its_file():
    """BROWSER-1 to BROWSER-6, in order."""
    assert [one.id for one in browser_clauses()] == [f"BROWSER-{number}" for number in range(1, 7)]


def test_parameters_are_added_to_those_of_a_page():
    """Others stay, the same are replaced, the fragment is kept."""
    url = with_parameters("http://127.0.0.1:1/?slow_render_ms=5&memory=1#token=x", memory=0, batching=0)
    assert url == "http://127.0.0.1:1/?slow_render_ms=5&memory=0&batching=0#token=x"
