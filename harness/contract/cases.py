"""One case: what is run, and how its end is read."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pulsegate.harness.contract.check import Check
from pulsegate.harness.contract.marks import CaseFunction
from pulsegate.harness.contract.outcomes import CaseResult, ClauseFailed, Findings, NotMeasured, NotOffered
from pulsegate.harness.contract.registry import ENTRY_CLAUSES, Clause
from pulsegate.harness.contract.session import ContractSession
from pulsegate.harness.contract.shared import Observations
from pulsegate.harness.errors import CouldNotMeasure, PeerError, UsageError
from pulsegate.harness.record import Outcome

#: How long a case that is given up may clean up, in seconds.
CLEANUP_LIMIT_S = 5.0

#: What a case raises that takes an answer to be better formed than it is.
UNREADABLE = (LookupError, TypeError, ValueError, AttributeError)

Observe = Callable[[Check], Any]


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One function with one set of parameters. Cases of one `lane` are run one after the other."""

    name: str
    lane: str
    clause: Clause
    function: CaseFunction
    parameters: Mapping[str, Any] = field(default_factory=dict)
    changes_state: bool = False
    prefetch: Mapping[str, Observe] = field(default_factory=dict)


def case_limit_s(heartbeat_s: float) -> float:
    """How long one case may take: enough for the longest observation of heartbeats, in seconds."""
    return 120.0 + 10 * heartbeat_s


async def run_case(session: ContractSession, case: Case, observations: Observations, *, limit_s: float) -> CaseResult:
    """Run `case` once.

    Raises UsageError when the profile turns out to be wrong. Anything else that goes wrong is a failed clause,
    never a passed one.
    """
    if (known := _known_from_survey(session, case.clause)) is not None:
        return _masked(session, known)
    if _is_entry_of_mute_surface(session, case.clause):
        return _masked(session, _with_entry_rule(session, case.clause, CaseResult("failed", Findings())))
    check = Check(session, case.clause, observations)
    begin = time.monotonic()
    task = asyncio.ensure_future(case.function(check=check, **case.parameters))
    try:
        done, _ = await asyncio.wait([task], timeout=limit_s)
        problem = (
            task.exception() if done else ClauseFailed(case.clause.requirement, f"no outcome within {limit_s:.0f} s")
        )
    finally:
        task.cancel()
        await asyncio.wait([task], timeout=CLEANUP_LIMIT_S)
        await check.close()
    duration_s = time.monotonic() - begin
    result = replace(
        read_outcome(case.clause, problem, check.findings),
        duration_s=duration_s,
        own_s=max(0.0, duration_s - check.observing_s),
        observed_s=check.observed_s,
    )
    return _masked(session, _with_entry_rule(session, case.clause, result))


def read_outcome(clause: Clause, problem: BaseException | None, findings: Findings) -> CaseResult:
    """The result that `problem`, what a case raised, stands for."""
    if problem is None:
        # nothing was asked of the target, so nothing was found sound
        outcome: Outcome = "not_measured" if findings.unmeasured and not findings.exchanges else "passed"
        return CaseResult(outcome, findings, reason="; ".join(findings.unmeasured))
    if isinstance(problem, ClauseFailed):
        return CaseResult("failed", findings, expected=problem.expected, actual=problem.actual)
    if isinstance(problem, NotOffered):
        return CaseResult("not_offered", findings, reason=str(problem))
    if isinstance(problem, (NotMeasured, CouldNotMeasure)):
        return CaseResult("not_measured", findings, reason=str(problem))
    if isinstance(problem, PeerError):
        return CaseResult("failed", findings, expected=clause.requirement, actual=str(problem))
    if isinstance(problem, UsageError) or not isinstance(problem, Exception):
        raise problem
    return CaseResult("failed", findings, expected=clause.requirement, actual=_describe(problem))


def _describe(problem: Exception) -> str:
    places = traceback.extract_tb(problem.__traceback__)
    where = f", at {Path(places[-1].filename).name}:{places[-1].lineno}" if places else ""
    said = str(problem).partition("\n")[0]
    if isinstance(problem, AssertionError):
        return f"{said or 'an assertion of the case does not hold'}{where}"
    kind = "an answer that the case cannot read" if isinstance(problem, UNREADABLE) else "the case itself went wrong"
    return f"{kind} ({type(problem).__name__}: {said}{where})"


def _known_from_survey(session: ContractSession, clause: Clause) -> CaseResult | None:
    """The result of a case whose surface is not offered, or broken so that only the entry clause says something."""
    try:
        session.require(clause.surface, clause)
    except NotOffered as problem:
        return CaseResult("not_offered", Findings(), reason=str(problem))
    except NotMeasured as problem:
        return CaseResult("not_measured", Findings(), reason=str(problem))
    return None


def _is_entry_of_mute_surface(session: ContractSession, clause: Clause) -> bool:
    """Whether the survey has already waited in vain for what `clause` would wait for, once a request."""
    state = session.surfaces.get(clause.surface)
    return state is not None and state.mute and ENTRY_CLAUSES.get(clause.surface) == clause.id


def _with_entry_rule(session: ContractSession, clause: Clause, result: CaseResult) -> CaseResult:
    """A broken surface fails its entry clause, whatever else the case needed and did not get."""
    state = session.surfaces.get(clause.surface)
    if ENTRY_CLAUSES.get(clause.surface) != clause.id or state is None or not state.broken:
        return result
    if result.outcome == "failed" and not state.mute:
        return result
    result.findings.exchanges.extend(state.exchanges)
    known = state.cause in clause.causes
    result.findings.cause = state.cause if known else ""
    return replace(
        result,
        outcome="failed",
        reason="",
        expected=clause.requirement,
        actual=state.broken,
        remedy="" if known else state.remedy,
    )


def _masked(session: ContractSession, result: CaseResult) -> CaseResult:
    mask = session.masker.mask
    return replace(result, reason=mask(result.reason), expected=mask(result.expected), actual=mask(result.actual))
