"""From the results of a clause's cases to the clause's own, and from those to the verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pulsegate.harness.contract.measuring import how_to_measure
from pulsegate.harness.contract.outcomes import CaseResult
from pulsegate.harness.contract.own_paths import in_own_paths
from pulsegate.harness.contract.received import part_in_question
from pulsegate.harness.contract.registry import LEVELS, Clause
from pulsegate.harness.contract.trying import try_line
from pulsegate.harness.errors import ExitCode
from pulsegate.harness.profile import Surfaces
from pulsegate.harness.record import ClauseResult, Exchange, Level, Outcome, Verdict

#: The most exchanges that one clause keeps, the last ones, and their most characters when it passed and when not.
MOST_EXCHANGES = 20
MOST_PASSED = 100_000
MOST_OTHERWISE = 500_000

_WORST_FIRST: tuple[Outcome, ...] = ("failed", "not_measured", "not_offered", "passed")


@dataclass(frozen=True, slots=True)
class Rules:
    """What turns an outcome into a verdict.

    ``accepted`` maps a clause to the reason why its failure is accepted. ``required`` names clauses
    that must be measured; ``require_all`` asks it of every one (but a surface may be missing). Remedies
    speak of the paths of ``surfaces``.
    """

    level: Level = "expected"
    accepted: Mapping[str, str] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    require_all: bool = False
    surfaces: Surfaces = field(default_factory=Surfaces)

    def decides(self, clause: Clause) -> bool:
        """Whether a failure of `clause` breaks the verdict."""
        return LEVELS.index(clause.level) <= LEVELS.index(self.level)

    def must_measure(self, clause: Clause, outcome: Outcome) -> bool:
        """Whether `outcome` leaves unmeasured what has to be measured."""
        if clause.id in self.required:
            return outcome in ("not_measured", "not_offered")
        return self.require_all and outcome == "not_measured"


def clause_result(clause: Clause, runs: Mapping[str, Sequence[CaseResult]], rules: Rules) -> ClauseResult:
    """The result of `clause` from all rounds of all its cases, by the case's name."""
    everything = [(name, result) for name, results in runs.items() for result in results]
    result = _described(clause, rules, "not_measured", reason="no case checks this clause")
    if everything:
        result = _worst(clause, rules, everything, several=len(runs) > 1)
        rounds = max(len(results) for results in runs.values())
        if result.outcome == "failed" and rounds > 1:
            result.reason = _join(f"failed {_failed_rounds(runs, rounds)} of {rounds}", result.reason)
        result.duration_s = round(_took_s([each for _, each in everything]), 4)
    return _ruled(clause, rules, result)


def _took_s(results: Sequence[CaseResult]) -> float:
    """How long the cases took: at least what is their own and, once, the observation that they share."""
    awaited = sum(each.duration_s for each in results)
    return max(awaited, sum(each.own_s for each in results) + max(each.observed_s for each in results))


def _worst(
    clause: Clause, rules: Rules, everything: Sequence[tuple[str, CaseResult]], *, several: bool
) -> ClauseResult:
    name, worst = min(everything, key=lambda each: _WORST_FIRST.index(each[1].outcome))
    reasons = _unique(part for _, each in everything if each.outcome == worst.outcome for part in _parts(each))
    if worst.outcome == "failed":
        parts = [f"in {name}"] if several else []
        exchanges = _guilty_last(worst.findings.exchanges, worst.findings.guilty)
        notes = worst.findings.notes
    else:
        parts = reasons
        exchanges = [exchange for _, each in everything for exchange in each.findings.exchanges]
        notes = _unique(note for _, each in everything for note in each.findings.notes)
    if worst.outcome != "failed":
        parts = [*parts, *(f"note: {note}" for note in notes)]
        notes = []
    sentence = f"{worst.actual} {worst.expected}"
    last = next((one for one in reversed(exchanges) if one.status or one.received), None)
    return _described(
        clause,
        rules,
        worst.outcome,
        reason=_join(*parts),
        expected=worst.expected,
        actual="\n".join([worst.actual, *notes]),
        received=part_in_question(last, sentence) if last is not None and worst.outcome == "failed" else "",
        cause=clause.causes.get(worst.findings.cause, ""),
        remedy=worst.remedy or clause.remedy,
        curl=try_line(exchanges, sentence),
        evidence=_last_of(exchanges, MOST_PASSED if worst.outcome == "passed" else MOST_OTHERWISE),
    )


def _parts(result: CaseResult) -> list[str]:
    """The reasons of a result, each by itself where several parts were not measured."""
    parts = result.findings.unmeasured
    return parts if result.reason == _join(*parts) else [result.reason]


def _guilty_last(exchanges: list[Exchange], guilty: Exchange | None) -> list[Exchange]:
    """`exchanges` with the guilty one in the last place, where the report looks."""
    if guilty is None:
        return exchanges
    others = [one for one in exchanges if (one.started_at, one.curl) != (guilty.started_at, guilty.curl)]
    return [*others, guilty]


def _described(clause: Clause, rules: Rules, outcome: Outcome, **parts: object) -> ClauseResult:
    members = {
        "id": clause.id,
        "level": clause.level,
        "surface": clause.surface,
        "title": clause.title,
        "requirement": clause.requirement,
        "source": clause.source,
        "remedy": clause.remedy,
        "outcome": outcome,
        "decides": rules.decides(clause),
        **parts,
    }
    result = ClauseResult.model_validate(members)
    result.remedy = in_own_paths(result.remedy, clause.surface, rules.surfaces)
    result.cause = in_own_paths(result.cause, clause.surface, rules.surfaces)
    return result


def _ruled(clause: Clause, rules: Rules, result: ClauseResult) -> ClauseResult:
    if rules.must_measure(clause, result.outcome):
        result.expected = "that this clause is measured, which the run requires"
        result.remedy = how_to_measure(clause.id, clause.surface, result.outcome, result.reason)
        result.actual = f"{result.outcome.replace('_', ' ')}: {result.reason}"
        result.curl = ""  # nothing is wrong that it would show
        result.outcome = "failed"
    if clause.id in rules.accepted:
        if result.outcome == "failed":
            result.outcome = "accepted"
            result.reason = rules.accepted[clause.id]
        result.stale_acceptance = result.outcome == "passed"
    return result


def _failed_rounds(runs: Mapping[str, Sequence[CaseResult]], rounds: int) -> int:
    return sum(
        any(len(results) > number and results[number].outcome == "failed" for results in runs.values())
        for number in range(rounds)
    )


def _last_of(exchanges: Sequence[Exchange], most: int) -> list[Exchange]:
    different = list({id(exchange): exchange for exchange in exchanges}.values())
    kept: list[Exchange] = []
    for exchange in reversed(different[-MOST_EXCHANGES:]):
        most -= _size(exchange)
        if kept and most < 0:
            break
        kept.insert(0, exchange)
    return kept


def _size(exchange: Exchange) -> int:
    received = sum(len(read.text) + 80 for read in exchange.received)
    return received + sum(map(len, exchange.sent)) + len(exchange.request_body or "")


def _unique(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))


def _join(*texts: str) -> str:
    return "; ".join(text for text in texts if text)


def verdict(clauses: Sequence[ClauseResult], *, any_offered: bool, cut_short: bool, interrupted: bool) -> Verdict:
    """The answer. `cut_short`: the run ended before every clause had its turn, for lack of time."""
    counts: Counter[str] = Counter(clause.outcome for clause in clauses)
    broken = any(clause.outcome == "failed" and clause.decides for clause in clauses)
    measured = counts["passed"] + counts["failed"] + counts["accepted"]
    exit_code = ExitCode.HELD
    if interrupted:
        exit_code = ExitCode.INTERRUPTED
    elif broken:
        exit_code = ExitCode.BROKEN
    elif cut_short or not any_offered or not measured:
        exit_code = ExitCode.NOT_MEASURED
    return Verdict(exit_code=exit_code, sentence=_sentence(clauses, counts), **_members(counts))


def _members(counts: Counter[str]) -> dict[str, int]:
    return {name: counts[name] for name in ("passed", "failed", "accepted", "not_offered", "not_measured")}


def _sentence(clauses: Sequence[ClauseResult], counts: Counter[str]) -> str:
    parts = [f"{counts['passed']} passed of {len(clauses)}", f"{counts['not_measured']} not measured"]
    parts += [f"{counts[name]} {name.replace('_', ' ')}" for name in ("not_offered", "accepted") if counts[name]]
    failed = [clause.id for clause in clauses if clause.outcome == "failed" and clause.decides]
    spared = [clause.id for clause in clauses if clause.outcome == "failed" and not clause.decides]
    stale = [clause.id for clause in clauses if clause.stale_acceptance]
    if failed:
        parts.append(f"{len(failed)} failed ({_listed(failed)})")
    if spared:
        parts.append(f"{len(spared)} failed without deciding ({_listed(spared)})")
    if stale:
        parts.append(f"{len(stale)} accepted but now passing ({_listed(stale)})")
    return ", ".join(parts)


def _listed(ids: Sequence[str]) -> str:
    shown = ", ".join(ids[:8])
    return shown if len(ids) <= 8 else f"{shown} and {len(ids) - 8} more"
