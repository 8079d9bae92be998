"""Markdown for a pull request: the verdict first, then what failed, then the grid."""

from __future__ import annotations

from pulsegate.harness.record import ClauseResult, RunRecord
from pulsegate.reports.measured import band_shares, figure, in_order, load_summary, validity_sentence
from pulsegate.reports.outcomes import LOOKS, by_reason, by_surface, ids, number_of, token_commands, with_outcome
from pulsegate.reports.proxy import proxy_markdown
from pulsegate.reports.safe import printable


def render_markdown(record: RunRecord) -> str:
    """Render `record` as GitHub-flavoured Markdown."""
    blocks = [
        f"## Pulsegate {record.command}: {_inline(record.verdict.sentence)}",
        f"Target {_code(record.target.url)}, {record.started_at:%Y-%m-%d %H:%M:%S %Z}",
        *(_failure(clause, record) for clause in with_outcome(record, "failed")),
        _grid(record),
        proxy_markdown(record),
        _metrics(record),
        _unmeasured(record),
        _list("Warnings", record.warnings),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _inline(text: str) -> str:
    escaped = printable(text).replace("\\", "\\\\")
    for mark in "`*_[]<>|#":
        escaped = escaped.replace(mark, f"\\{mark}")
    return " ".join(escaped.split())


def _code(text: str) -> str:
    return f"`{' '.join(printable(text).replace('`', chr(39)).split())}`"


def _fenced(text: str, language: str = "") -> str:
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{printable(text.strip())}\n{fence}"


def _failure(clause: ClauseResult, record: RunRecord) -> str:
    lines = [
        f"### ✘ {clause.id}: {_inline(clause.title)}",
        f"- expected: {_inline(clause.expected)}",
        f"- actual: {_inline(clause.actual[:1200])}",
    ]
    if clause.cause:
        lines.append(f"- cause: {_inline(clause.cause)}")
    parts = ["\n".join(lines)]
    if clause.remedy:
        parts.append(_fenced(clause.remedy, "text"))
    if clause.curl:
        parts.append(_fenced("\n".join([*token_commands(clause, record), clause.curl]), "sh"))
    return "\n\n".join(parts)


def _grid(record: RunRecord) -> str:
    if not record.clauses:
        return ""
    rows = ["| surface | clauses |", "|---|---|"]
    for surface, clauses in by_surface(record.clauses):
        marks = " ".join(f"{LOOKS[clause.outcome].symbol}{number_of(clause.id)}" for clause in clauses)
        rows.append(f"| {_inline(surface.upper())} | {marks} |")
    key = ", ".join(f"{look.symbol} {look.word}" for look in LOOKS.values())
    return "\n".join([*rows, "", key])


def _metrics(record: RunRecord) -> str:
    if not record.metrics and record.connections is None:
        return ""
    rows = [
        "| metric | unit | count | p50 | p95 | p99 | excellent / good / degraded |",
        "|---|---|--:|--:|--:|--:|---|",
    ]
    for name in in_order(list(record.metrics)):
        metric = record.metrics[name]
        figures = " | ".join(figure(value) for value in (metric.count, metric.p50, metric.p95, metric.p99))
        rows.append(f"| {_inline(name)} | {_inline(metric.unit)} | {figures} | {band_shares(metric.bands)} |")
    problems = [f"- {_inline(line)}" for line in validity_sentence(record).strip().splitlines()]
    return "\n".join([f"### {_inline(load_summary(record))}", "", *problems, *([""] if problems else []), *rows])


def _unmeasured(record: RunRecord) -> str:
    lines = [
        f"{LOOKS[outcome].word}: {ids(clauses)} ({reason})"
        for outcome in ("accepted", "not_measured", "not_offered")
        for reason, clauses in by_reason(with_outcome(record, outcome)).items()
    ]
    return _list("Not passed and not failed, by reason", lines)


def _list(title: str, lines: list[str]) -> str:
    if not lines:
        return ""
    return (
        f"<details><summary>{title} ({len(lines)})</summary>\n\n"
        + "\n".join(f"- {_inline(line)}" for line in lines)
        + ("\n\n</details>")
    )
