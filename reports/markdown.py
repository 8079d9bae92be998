"""Markdown for a pull request: the verdict first, then what failed, then the grid."""

from __future__ import annotations

from pulsegate.harness.record import ClauseResult, RunRecord
from pulsegate.reports.browser import browser_markdown
from pulsegate.reports.comparison import comparison_markdown
from pulsegate.reports.measured import band_shares, figure, known_of, load_summary, measured_names, validity_sentence
from pulsegate.reports.outcomes import (
    LOOKS,
    ORDER,
    by_surface,
    missing_surfaces,
    number_of,
    open_questions,
    token_commands,
    verdict_word,
    with_outcome,
)
from pulsegate.reports.proxy import proxy_markdown
from pulsegate.reports.resilience_text import resilience_lines
from pulsegate.reports.safe import printable
from pulsegate.reports.streams import stream_lines


def render_markdown(record: RunRecord) -> str:
    """Render `record` as GitHub-flavoured Markdown."""
    blocks = [
        f"## Pulsegate {record.command}: {_inline(record.verdict.sentence)}",
        _first_line(record),
        comparison_markdown(record.comparison) if record.comparison is not None else "",
        *(_failure(clause, record) for clause in with_outcome(record, "failed")),
        _grid(record),
        proxy_markdown(record),
        browser_markdown(record.browser),
        _metrics(record),
        _list("Broken on purpose", resilience_lines(record)),
        _unmeasured(record),
        _list("Warnings", record.warnings),
        _environment(record),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _first_line(record: RunRecord) -> str:
    """The verdict in a word, the counts behind it, and what it is about."""
    counts = [f"{record.verdict.model_dump()[outcome]} {LOOKS[outcome].word}" for outcome in ORDER]
    said = f"**{verdict_word(record)}**" + (f": {', '.join(counts)}" if record.clauses else "")
    return f"{said}. Target {_code(record.target.url)}, {record.started_at:%Y-%m-%d %H:%M:%S %Z}"


def _environment(record: RunRecord) -> str:
    machine = record.environment
    tool = (f"Pulsegate {machine.pulsegate}", f"Python {machine.python}")
    parts = (*tool, machine.cpu, f"{machine.cpus} CPUs", machine.platform)
    return f"<sub>{', '.join(_inline(part) for part in parts if part)}</sub>"


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
    if clause.received:
        lines.append(f"- received: {_inline(clause.received)}")
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
    missing = missing_surfaces(record)
    absent = f"{LOOKS['not_offered'].symbol} {LOOKS['not_offered'].word}"
    for surface, clauses in by_surface(record.clauses):
        marks = " ".join(f"{LOOKS[clause.outcome].symbol}{number_of(clause.id)}" for clause in clauses)
        marks = absent if surface in missing else marks
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
    for name in measured_names(record):
        metric = record.metrics.get(name)
        known = known_of(metric, record.spoiled.get(name, 0))
        if metric is None:
            rows.append(f"| {_inline(name)} | | {known} | | | | |")
            continue
        figures = " | ".join(figure(value) for value in (metric.p50, metric.p95, metric.p99))
        rows.append(f"| {_inline(name)} | {_inline(metric.unit)} | {known} | {figures} | {band_shares(metric.bands)} |")
    said = [*stream_lines(record), *validity_sentence(record).strip().splitlines()]
    problems = [f"- {_inline(line)}" for line in said]
    return "\n".join([f"### {_inline(load_summary(record))}", "", *problems, *([""] if problems else []), *rows])


def _unmeasured(record: RunRecord) -> str:
    lines = [f"{look.word}: {names} ({reason})" for look, names, reason in open_questions(record)]
    return _list("Not passed and not failed, by reason", lines)


def _list(title: str, lines: list[str]) -> str:
    if not lines:
        return ""
    return (
        f"<details><summary>{title} ({len(lines)})</summary>\n\n"
        + "\n".join(f"- {_inline(line)}" for line in lines)
        + ("\n\n</details>")
    )
