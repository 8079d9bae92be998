"""What is said of a clause that no case checks: it was judged by what a laboratory or a browser saw."""

from __future__ import annotations

from dataclasses import dataclass

from pulsegate.harness.contract.registry import Clause
from pulsegate.harness.record import ClauseResult, Exchange, Outcome


@dataclass(frozen=True, slots=True)
class Judgement:
    """How one clause came out; `actual` where it failed, `reason` where it was not measured.

    `cause` is a key of the clause's causes; the first of `evidence` has the command that repeats it.
    """

    outcome: Outcome
    actual: str = ""
    reason: str = ""
    cause: str = ""
    evidence: tuple[Exchange, ...] = ()


def passed(reason: str = "") -> Judgement:
    """It holds."""
    return Judgement("passed", reason=reason)


def failed(actual: str, cause: str = "") -> Judgement:
    """It does not hold."""
    return Judgement("failed", actual=actual, cause=cause)


def not_measured(reason: str) -> Judgement:
    """Nobody can tell."""
    return Judgement("not_measured", reason=reason)


def result_of(
    clause: Clause, judged: Judgement, *, duration_s: float = 0.0, accepted: str | None = None
) -> ClauseResult:
    """The record's result of one clause; `accepted` is the profile's reason for accepting its failure."""
    outcome, reason = judged.outcome, judged.reason
    if outcome == "failed" and accepted is not None:
        outcome, reason = "accepted", accepted
    return ClauseResult(
        id=clause.id,
        level=clause.level,
        surface=clause.surface,
        title=clause.title,
        requirement=clause.requirement,
        source=clause.source,
        outcome=outcome,
        reason=reason,
        expected=clause.requirement if judged.outcome == "failed" else "",
        actual=judged.actual,
        cause=clause.causes.get(judged.cause, ""),
        remedy=clause.remedy,
        curl=judged.evidence[0].curl if judged.evidence else "",
        stale_acceptance=accepted is not None and judged.outcome == "passed",
        duration_s=round(duration_s, 3),
        evidence=list(judged.evidence),
    )
