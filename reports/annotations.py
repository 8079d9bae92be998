"""GitHub's workflow commands: one line a failure, shown in a pull request beside the file it is about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pulsegate.harness.record import RunRecord
from pulsegate.reports.comparison import in_order, percent
from pulsegate.reports.outcomes import with_outcome
from pulsegate.reports.safe import printable

#: GitHub shows ten of a kind for each step.
MOST = 10
_LONGEST = 1000
_IN_TEXT = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_IN_PROPERTIES = {**_IN_TEXT, ":": "%3A", ",": "%2C"}


@dataclass(frozen=True, slots=True)
class _Said:
    """One annotation; without a line (0) it is about the whole file, without a file about the run."""

    title: str
    text: str
    file: str = ""
    line: int = 0


def render_annotations(record: RunRecord) -> str:
    """Render what failed as errors, and what was left open as one warning; nothing where all held."""
    errors = list(_errors(record))
    lines = [_command("error", one) for one in errors[:MOST]]
    if len(errors) > MOST:
        lines[-1] = _command("error", _Said("", f"{len(errors) - MOST + 1} more failures: see the report"))
    if record.verdict.exit_code not in (0, 1):
        lines.append(_command("warning", _Said("", record.verdict.sentence)))
    elif record.verdict.exit_code and not lines:
        lines.append(_command("error", _Said("", record.verdict.sentence)))
    return "".join(f"{line}\n" for line in lines)


def _errors(record: RunRecord) -> Iterator[_Said]:
    """Each failure that decides."""
    profile = record.target.profile or ""
    for clause in with_outcome(record, "failed"):
        if clause.decides:
            text = f"{clause.title}\nexpected {clause.expected}\nactual {clause.actual}\n{clause.cause}"
            yield _Said(clause.id, text.strip(), profile)
    for finding in record.findings:
        yield _Said(finding.clause, f"{finding.effect}\n{finding.remedy}", finding.file, finding.line)
    for sentence in record.broken_thresholds:
        yield _Said("threshold", sentence, profile)
    if record.comparison is not None:
        for failure in record.comparison.broken:
            yield _Said("build B", failure)
        for one in in_order(record.comparison):
            if one.decides and one.finding == "worse":
                worse = f"{one.title} {percent(one.change.value)}, {100 * one.allowed:.0f} % allowed"
                yield _Said("worse than build A", worse)


def _command(kind: str, said: _Said) -> str:
    line = str(said.line) if said.line else ""
    named = {"file": said.file, "line": line, "title": f"Pulsegate {said.title}".strip()}
    properties = ",".join(f"{name}={_escaped(value, _IN_PROPERTIES)}" for name, value in named.items() if value)
    return f"::{kind} {properties}::{_escaped(said.text[:_LONGEST], _IN_TEXT)}"


def _escaped(text: str, codes: dict[str, str]) -> str:
    """`text` as one line that ends nothing; a target's text cannot begin a command of its own."""
    return "".join(codes.get(mark, mark) for mark in printable(text))
