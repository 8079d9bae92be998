"""Results of cases add up to a clause's result, and those to the verdict."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from pulsegate.harness.contract.aggregate import MOST_EXCHANGES, MOST_PASSED, Rules, clause_result, verdict
from pulsegate.harness.contract.outcomes import CaseResult, Findings
from pulsegate.harness.contract.registry import Clause
from pulsegate.harness.profile import Surfaces
from pulsegate.harness.record import ClauseResult, Exchange, Level, Outcome

CLAUSE = Clause(
    id="SSE-1",
    level="documented",
    surface="sse",
    title="answers an event stream",
    requirement="GET answers an event stream.",
    source="deployment guide",
    remedy="Deploy the route.",
    causes={"html-fallback": "The front end answers."},
)
HARDENING = CLAUSE.model_copy(update={"id": "SSE-2", "level": "hardening"})


def exchange(url: str = "http://127.0.0.1:1/") -> Exchange:
    return Exchange(kind="http", method="GET", url=url, started_at=datetime.now(UTC), curl=f"curl {url}")


def case(outcome: Outcome, reason: str = "", **parts: Any) -> CaseResult:
    findings = parts.pop("findings", Findings())
    return CaseResult(outcome, findings, reason=reason, **parts)


FAILED = case("failed", expected="200", actual="404")
PASSED = case("passed")


@pytest.mark.parametrize(
    ("outcomes", "worst"),
    [
        (["passed", "passed"], "passed"),
        (["passed", "not_offered"], "not_offered"),
        (["not_offered", "not_measured", "passed"], "not_measured"),
        (["not_measured", "failed", "passed"], "failed"),
    ],
)
def test_the_worst_case_wins(outcomes: list[Outcome], worst: Outcome) -> None:
    """Failed is worse than not measured, that than not offered, that than passed."""
    runs = {f"test_{number}": [case(outcome)] for number, outcome in enumerate(outcomes)}

    assert clause_result(CLAUSE, runs, Rules()).outcome == worst


def test_a_clause_without_a_case_is_not_measured() -> None:
    """No clause is silently missing."""
    result = clause_result(CLAUSE, {}, Rules())

    assert (result.outcome, result.reason) == ("not_measured", "no case checks this clause")


def test_what_was_not_measured_is_the_reason_of_a_passed_clause() -> None:
    """The parts that two cases left out are both named."""
    runs = {"test_a": [case("passed", "no gauge")], "test_b": [case("passed", "no trigger")]}
    result = clause_result(CLAUSE, runs, Rules())

    assert (result.outcome, result.reason) == ("passed", "no gauge; no trigger")


def test_a_failure_names_its_case_when_there_are_several() -> None:
    """The reader must know which of a clause's cases failed."""
    result = clause_result(CLAUSE, {"test_a": [PASSED], "test_b[bob]": [FAILED]}, Rules())

    assert (result.reason, result.expected, result.actual) == ("in test_b[bob]", "200", "404")


def test_the_cause_is_the_clauses_own_sentence() -> None:
    """A case names a key, the record holds the sentence."""
    failed = case("failed", findings=Findings(cause="html-fallback"))

    assert clause_result(CLAUSE, {"test_a": [failed]}, Rules()).cause == "The front end answers."


def test_the_curl_is_that_of_the_last_exchange() -> None:
    """What failed is most likely what was done last."""
    findings = Findings(exchanges=[exchange("http://127.0.0.1/1"), exchange("http://127.0.0.1/2")])
    result = clause_result(CLAUSE, {"test_a": [case("failed", findings=findings)]}, Rules())

    assert result.curl == "curl http://127.0.0.1/2"


def test_remedies_speak_of_the_profiles_paths() -> None:
    """A location to add is that of the target."""
    clause = CLAUSE.model_copy(update={"remedy": "location /api/copilotkit {"})
    result = clause_result(clause, {"test_a": [FAILED]}, Rules(surfaces=Surfaces(sse="/events")))

    assert result.remedy == "location /events {"


def test_a_clause_that_had_to_be_measured_says_how() -> None:
    """Its own remedy is for a target that fails it; nothing was found wrong that a command would show."""
    missing = case("not_measured", "the profile gives no [triggers] sse_error", findings=Findings([exchange()]))
    result = clause_result(CLAUSE, {"test_a": [missing]}, Rules(require_all=True))

    assert 'sse_error = "simulate=error"' in result.remedy
    assert result.curl == ""


def test_the_time_of_a_shared_observation_counts_once() -> None:
    """A case that found it made rests on it all the same."""
    runs = {f"test_{name}": [case("passed", duration_s=0.5, own_s=0.5, observed_s=12.0)] for name in "ab"}

    assert clause_result(CLAUSE, runs, Rules()).duration_s == 13.0


def test_evidence_is_bounded() -> None:
    """A clause of a thousand requests keeps the last ones."""
    findings = Findings(exchanges=[exchange(f"http://127.0.0.1/{number}") for number in range(100)])
    result = clause_result(CLAUSE, {"test_a": [case("passed", findings=findings)]}, Rules())

    assert len(result.evidence) == MOST_EXCHANGES
    assert result.evidence[-1].url == "http://127.0.0.1/99"


def test_the_evidence_of_a_passed_clause_is_small() -> None:
    """Long exchanges push the earlier ones out, but the last one stays."""
    long = [exchange().model_copy(update={"request_body": "x" * 60_000}) for _ in range(5)]
    huge = [exchange().model_copy(update={"request_body": "x" * MOST_PASSED * 2})]

    assert len(clause_result(CLAUSE, {"test_a": [case("passed", findings=Findings(long))]}, Rules()).evidence) == 1
    assert len(clause_result(CLAUSE, {"test_a": [case("failed", findings=Findings(long))]}, Rules()).evidence) == 5
    assert len(clause_result(CLAUSE, {"test_a": [case("passed", findings=Findings(huge))]}, Rules()).evidence) == 1


def test_shared_evidence_is_kept_once() -> None:
    """Two cases that used one observation do not double it."""
    findings = Findings(exchanges=[exchange()])
    runs = {"test_a": [case("passed", findings=findings)], "test_b": [case("passed", findings=findings)]}

    assert len(clause_result(CLAUSE, runs, Rules()).evidence) == 1


def test_notes_of_a_failure_stand_with_what_came() -> None:
    """A note explains the actual side."""
    failed = case("failed", actual="40 words", findings=Findings(notes=["2 coalesced"]))

    assert clause_result(CLAUSE, {"test_a": [failed]}, Rules()).actual == "40 words\n2 coalesced"


def test_notes_of_a_passed_clause_are_kept() -> None:
    """What is worth counting is shown although nothing failed."""
    passed = case("passed", findings=Findings(notes=["2 coalesced"]))

    assert clause_result(CLAUSE, {"test_a": [passed]}, Rules()).reason == "note: 2 coalesced"


def test_one_failed_round_of_ten_fails() -> None:
    """A rare fault is a fault, and how rare it is stands in the reason."""
    result = clause_result(CLAUSE, {"test_a": [*[PASSED] * 9, FAILED]}, Rules())

    assert (result.outcome, result.reason) == ("failed", "failed 1 of 10")


def test_rounds_count_once_however_many_cases_failed() -> None:
    """Two cases that fail in the same round make one failed round."""
    runs = {"test_a": [FAILED, PASSED], "test_b": [FAILED, PASSED]}

    assert clause_result(CLAUSE, runs, Rules()).reason == "failed 1 of 2; in test_a"


def test_an_accepted_failure_is_accepted() -> None:
    """The profile's reason is reported, and the two sides stay visible."""
    result = clause_result(CLAUSE, {"test_a": [FAILED]}, Rules(accepted={"SSE-1": "ticket 123"}))

    assert (result.outcome, result.reason, result.actual) == ("accepted", "ticket 123", "404")
    assert not result.stale_acceptance


def test_an_accepted_failure_keeps_the_profiles_reason_alone() -> None:
    """Which case failed, and in how many rounds, is no part of the reason why it is accepted."""
    runs = {"test_a": [FAILED, PASSED], "test_b": [PASSED, PASSED]}

    assert clause_result(CLAUSE, runs, Rules(accepted={"SSE-1": "ticket 123"})).reason == "ticket 123"


def test_an_acceptance_that_is_no_longer_needed_is_stale() -> None:
    """A passed clause stays passed, and its acceptance is named."""
    result = clause_result(CLAUSE, {"test_a": [PASSED]}, Rules(accepted={"SSE-1": "ticket 123"}))

    assert (result.outcome, result.stale_acceptance) == ("passed", True)


@pytest.mark.parametrize(
    ("rules", "outcome", "counted"),
    [
        (Rules(require_all=True), "not_measured", "failed"),
        (Rules(require_all=True), "not_offered", "not_offered"),
        (Rules(required=frozenset({"SSE-1"})), "not_measured", "failed"),
        (Rules(required=frozenset({"SSE-1"})), "not_offered", "failed"),
        (Rules(required=frozenset({"SSE-9"})), "not_measured", "not_measured"),
    ],
)
def test_what_must_be_measured_counts_as_failed_otherwise(rules: Rules, outcome: Outcome, counted: Outcome) -> None:
    """A required clause may not be passed over; one required by name needs its surface too."""
    assert clause_result(CLAUSE, {"test_a": [case(outcome, "no identity")]}, rules).outcome == counted


@pytest.mark.parametrize(("level", "decides"), [("documented", False), ("expected", False), ("hardening", True)])
def test_hardening_decides_only_at_its_level(level: Level, decides: bool) -> None:
    """By default a missing hardening is shown and breaks nothing."""
    rules = Rules(level=level)

    assert clause_result(HARDENING, {"test_a": [FAILED]}, rules).decides == decides


def results(*outcomes: Outcome, decides: bool = True) -> list[ClauseResult]:
    return [
        ClauseResult(id=f"SSE-{number}", level="documented", surface="sse", title="", outcome=outcome, decides=decides)
        for number, outcome in enumerate(outcomes, start=1)
    ]


def exit_code(
    *clauses: ClauseResult, any_offered: bool = True, cut_short: bool = False, interrupted: bool = False
) -> int:
    return verdict(clauses, any_offered=any_offered, cut_short=cut_short, interrupted=interrupted).exit_code


def test_a_run_holds_when_nothing_failed() -> None:
    """Not offered and not measured do not break a verdict."""
    assert exit_code(*results("passed", "not_offered", "not_measured", "accepted")) == 0


def test_a_failure_breaks_the_verdict_whatever_else_there_is() -> None:
    """Broken comes before not measured."""
    assert exit_code(*results("failed", "not_measured"), cut_short=True) == 1


def test_a_failure_that_does_not_decide_breaks_nothing() -> None:
    """Hardening is shown only."""
    assert exit_code(*results("failed", decides=False), *results("passed")) == 0


@pytest.mark.parametrize(
    ("clauses", "parts"),
    [
        (results("not_offered"), {"any_offered": False}),
        (results("not_measured", "not_offered"), {}),
        (results("passed", "not_measured"), {"cut_short": True}),
    ],
)
def test_a_run_that_measured_too_little_says_so(clauses: list[ClauseResult], parts: dict[str, bool]) -> None:
    """No surface, no outcome, or no time: exit code 3."""
    assert exit_code(*clauses, **parts) == 3


def test_an_interrupted_run_says_so() -> None:
    """An interrupt wins over what was found until then."""
    assert exit_code(*results("failed"), interrupted=True) == 130


def test_the_sentence_counts() -> None:
    """The verdict line has the form that scripts look for, and names what failed."""
    said = verdict(
        results("passed", "failed", "not_measured", "accepted", "not_offered"),
        any_offered=True,
        cut_short=False,
        interrupted=False,
    ).sentence

    assert said == "1 passed of 5, 1 not measured, 1 not offered, 1 accepted, 1 failed (SSE-2)"


def test_the_guilty_exchange_stands_last() -> None:
    """Where a case looked at several exchanges, the report shows the one that it is about."""
    seen = [exchange(f"http://127.0.0.1:1/{name}") for name in "abc"]
    guilty = seen[1].model_copy(update={"ended": "cut"})
    result = clause_result(CLAUSE, {"test_a": [case("failed", findings=Findings(seen, guilty=guilty))]}, Rules())

    assert result.curl == "curl http://127.0.0.1:1/b"
    assert [one.url[-1] for one in result.evidence] == ["a", "c", "b"]
    assert result.evidence[-1].ended == "cut"


def test_a_part_that_several_cases_could_not_measure_is_said_once() -> None:
    """Reasons are joined part by part."""
    runs = {
        "test_a": [case("passed", "no identity", findings=Findings(unmeasured=["no identity"]))],
        "test_b": [case("passed", "no identity; no gauge", findings=Findings(unmeasured=["no identity", "no gauge"]))],
    }

    assert clause_result(CLAUSE, runs, Rules()).reason == "no identity; no gauge"


def test_a_remedy_of_the_case_replaces_the_clauses_own() -> None:
    """Where the failure is about something else than the clause, so is what to do."""
    failed = case("failed", remedy="Name the right path.")

    assert clause_result(CLAUSE, {"test_a": [failed]}, Rules()).remedy == "Name the right path."
