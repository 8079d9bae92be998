"""What every renderer says alike: symbols, words and order of the outcomes, and the counts behind a verdict."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from pulsegate.harness.record import ClauseResult, Outcome, RunRecord

#: In the order a reader wants them: what broke first.
ORDER: tuple[Outcome, ...] = ("failed", "accepted", "not_measured", "not_offered", "passed")

#: What neither passed nor failed.
UNDECIDED: tuple[Outcome, ...] = ("accepted", "not_measured", "not_offered")

#: Surfaces in the order of the contract's chapters; a user's own surfaces follow.
SURFACES = ("auth", "health", "sse", "rt", "run", "ws", "kit", "cmp", "chat", "fall", "agui", "proxy", "browser")


@dataclass(frozen=True, slots=True)
class Look:
    """How an outcome is shown: a symbol that does not depend on colour, a word, a terminal style."""

    symbol: str
    word: str
    style: str


LOOKS: dict[Outcome, Look] = {
    "passed": Look("✔", "passed", "green"),
    "failed": Look("✘", "failed", "bold red"),
    "accepted": Look("≈", "accepted deviation", "yellow"),
    "not_offered": Look("·", "not offered", "dim"),
    "not_measured": Look("○", "not measured", "cyan"),
}


#: What an exit code says, in a word.
_VERDICTS = {0: "Held", 1: "Broken", 2: "Wrong use", 3: "Could not be decided", 130: "Interrupted"}


def verdict_word(record: RunRecord) -> str:
    """The verdict, in a word or two."""
    return _VERDICTS.get(record.verdict.exit_code, "Not known")


def by_surface(clauses: Iterable[ClauseResult]) -> Iterator[tuple[str, list[ClauseResult]]]:
    """Yield ``(surface, its clauses)`` in the contract's order."""
    rank = {name: index for index, name in enumerate(SURFACES)}
    known = sorted(clauses, key=lambda clause: (rank.get(clause.surface, len(rank)), clause.surface))
    for surface, group in groupby(known, key=lambda clause: clause.surface):
        yield surface, list(group)


def with_outcome(record: RunRecord, outcome: Outcome) -> list[ClauseResult]:
    """The clauses of `record` that came out as `outcome`."""
    return [clause for clause in record.clauses if clause.outcome == outcome]


def by_reason(clauses: Iterable[ClauseResult]) -> dict[str, list[ClauseResult]]:
    """Group clauses by their reason, so that one missing secret is one line and not thirty."""
    groups: dict[str, list[ClauseResult]] = {}
    for clause in clauses:
        groups.setdefault(clause.reason or "no reason was recorded", []).append(clause)
    return groups


def missing_surfaces(record: RunRecord) -> dict[str, str]:
    """Surface -> why it is not offered, for those of which no clause is."""
    missing = {}
    for surface, clauses in by_surface(record.clauses):
        reasons = {without_surface(clause) for clause in clauses if clause.outcome == "not_offered"}
        if len(reasons) == 1 and all(clause.outcome == "not_offered" for clause in clauses):
            missing[surface] = reasons.pop()
    return missing


def open_questions(record: RunRecord) -> list[tuple[Look, str, str]]:
    """What neither passed nor failed: its look, the clauses by their reason, and a line for a whole surface."""
    missing = missing_surfaces(record)
    lines = [
        (LOOKS[outcome], ids(clauses), reason)
        for outcome in UNDECIDED
        for reason, clauses in by_reason(
            clause for clause in with_outcome(record, outcome) if clause.surface not in missing
        ).items()
    ]
    return [*lines, *((LOOKS["not_offered"], surface.upper(), reason) for surface, reason in missing.items())]


def without_surface(clause: ClauseResult) -> str:
    """A clause's reason, without the name of its surface before it."""
    return clause.reason.removeprefix(f"{clause.surface}: ")


_TOKEN_VARIABLE = re.compile(r"\$\{?((?:ALICE|BOB|FRESH_[0-9A-F]{12})(?:_[A-Z]+)*_TOKEN)\b")


def token_commands(clause: ClauseResult, record: RunRecord) -> list[str]:
    """What sets the variables in a clause's curl command; nothing where the server, and its secret, are gone."""
    if record.target.reference:
        return []
    profile = f" --profile {shlex.quote(record.target.profile)}" if record.target.profile else ""
    names = dict.fromkeys(_TOKEN_VARIABLE.findall(clause.curl))
    return [f"{name}=$(pulsegate token {_token_name(name)}{profile})" for name in names]


def _token_name(variable: str) -> str:
    return variable.removesuffix("_TOKEN").lower().replace("_", "-")


def ids(clauses: Iterable[ClauseResult]) -> str:
    """Name clauses in one line: ``SSE-1, SSE-2``."""
    return ", ".join(clause.id for clause in clauses)


def number_of(clause_id: str) -> str:
    """The last part of a clause's id: ``14`` of ``SSE-14``."""
    return clause_id.rpartition("-")[2]
