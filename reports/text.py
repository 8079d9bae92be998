"""The terminal report: conformance grid by surface, then each failure with evidence and remedy, then the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import indent

from rich.console import Console, RenderableType
from rich.segment import Segment, Segments
from rich.table import Table
from rich.text import Text

from pulsegate.harness.record import ClauseResult, Exchange, RunRecord, TargetInfo
from pulsegate.reports.browser import browser_report
from pulsegate.reports.comparison import comparison_report
from pulsegate.reports.measured import measured_table
from pulsegate.reports.outcomes import (
    LOOKS,
    by_reason,
    by_surface,
    ids,
    missing_surfaces,
    number_of,
    token_commands,
    with_outcome,
)
from pulsegate.reports.proxy import proxy_details, proxy_table
from pulsegate.reports.resilience_text import resilience_block
from pulsegate.reports.safe import printable


def print_report(record: RunRecord, console: Console, *, quiet: bool = False) -> None:
    """Print `record`; with `quiet` only what failed."""
    if not quiet:
        _print_measurements(record, console)
    if record.comparison is not None:
        _print_table(comparison_report(record.comparison), console)
    if record.configurations:
        console.print(proxy_details(record, quiet=quiet), soft_wrap=True)
    for clause in with_outcome(record, "failed"):
        console.print(failure(clause, token_commands(clause, record)), soft_wrap=True)
    if not quiet:
        for block in (_accepted(record), _unmeasured(record), _warnings(record)):
            if block is not None:
                console.print(block, soft_wrap=True)


def _print_measurements(record: RunRecord, console: Console) -> None:
    """Print the tables of what was measured, whatever came of it."""
    if record.clauses:
        _print_table(conformance_grid(record), console)
        console.print(legend())
    if record.metrics or record.connections:
        _print_table(measured_table(record), console)
    if (resilience := resilience_block(record)) is not None:
        console.print(resilience, soft_wrap=True)
    if record.configurations:
        _print_table(proxy_table(record), console)
        console.print(legend())
    if record.browser is not None:
        _print_table(browser_report(record.browser), console)


def _print_table(table: RenderableType, console: Console) -> None:
    """Print `table` without the blanks that would fill its last column."""
    segments: list[Segment] = []
    for line in console.render_lines(table, pad=False):
        while line and not line[-1].text.strip():
            line.pop()
        if line:
            line[-1] = Segment(line[-1].text.rstrip(), line[-1].style, line[-1].control)
        segments += [*line, Segment.line()]
    console.print(Segments(segments), end="")


def headline(command: str, target: TargetInfo) -> str:
    """The first line: which command does its work on which target."""
    kind = " (bundled reference server)" if target.reference else ""
    profile = f", profile {target.profile}" if target.profile else ""
    return f"pulsegate {command}: {target.url}{kind}{profile}"


def closing_line(record: RunRecord, run_directory: str) -> str:
    """The last line: the target, the verdict and where the run was written."""
    cut = "interrupted; " if record.interrupted else ""
    return f"{record.target.url}: {cut}{record.verdict.sentence} -> {run_directory}"


def conformance_grid(record: RunRecord) -> Table:
    """One row a surface, one mark a clause; hardening clauses stand in a column of their own."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=True, header_style="bold")
    table.add_column("surface")
    table.add_column("path", style="dim", overflow="fold")
    table.add_column("documented and expected", overflow="fold")
    table.add_column("hardening", overflow="fold")
    missing = missing_surfaces(record)
    for surface, clauses in by_surface(record.clauses):
        known = record.surfaces.get(surface)
        if surface in missing:
            table.add_row(Text(surface.upper(), style="dim"), Text(), Text("· not offered", style="dim"), Text())
            continue
        path = printable(known.path) if known else ""
        table.add_row(
            Text(surface.upper()),
            Text(path),
            _marks([clause for clause in clauses if clause.level != "hardening"]),
            _marks([clause for clause in clauses if clause.level == "hardening"]),
        )
    return table


def _marks(clauses: list[ClauseResult]) -> Text:
    marks = Text()
    for clause in clauses:
        look = LOOKS[clause.outcome]
        marks.append(f"{look.symbol}{number_of(clause.id)}", style=look.style)
        marks.append("  ")
    marks.rstrip()
    return marks


def legend() -> Text:
    """What the marks mean."""
    line = Text("\n")
    for look in LOOKS.values():
        line.append(f"{look.symbol} {look.word}", style=look.style)
        line.append("   ")
    line.rstrip()
    line.append("\n")
    return line


def failure(clause: ClauseResult, tokens: Sequence[str] = ()) -> Text:
    """One failed clause: what was expected, what came, why, what to do, and how to see it oneself.

    `tokens` are the commands that set the variables of its curl command.
    """
    weight = "" if clause.decides else "  (hardening: does not decide at this level)"
    text = Text(f"✘ {clause.id}  {printable(clause.title)}{weight}\n", style="bold red")
    for name, value in (
        ("requires", clause.requirement if clause.requirement != clause.expected else ""),
        ("expected", clause.expected),
        ("actual", clause.actual),
        ("reason", clause.reason),
        ("received", _last_received(clause)),
        ("cause", clause.cause),
        ("remedy", clause.remedy.strip()),
        ("try", clause.curl),
        ("with", "\n".join(tokens)),
    ):
        if value:
            text.append(f"  {name:<9} ", style="dim")
            text.append(indent(printable(value, 1500), " " * 12).lstrip() + "\n", style="not bold default")
    return text


def _last_received(clause: ClauseResult) -> str:
    exchange = next((one for one in reversed(clause.evidence) if one.status or one.received), None)
    if exchange is None or not (clause.received or exchange.problem):
        return ""
    return describe_exchange(exchange, clause.received)


def describe_exchange(exchange: Exchange, part: str = "") -> str:
    """One line of evidence: status, content type, how it ended, and the `part` in question."""
    kind = next((value for name, value in exchange.headers.items() if name.lower() == "content-type"), "")
    parts = [f"{exchange.method} -> {exchange.status}", kind, exchange.problem or ""]
    if exchange.kind != "http" and exchange.ended:
        parts.append(f"ended: {exchange.ended}")
    if part:
        parts.append(f"{exchange.received_bytes} bytes; {part}")
    return "; ".join(part for part in parts if part)


def _accepted(record: RunRecord) -> Text | None:
    lines = [f"≈ {clause.id}  {clause.title}: {clause.reason}" for clause in with_outcome(record, "accepted")]
    return _block("accepted deviations", lines, "yellow")


def _unmeasured(record: RunRecord) -> Text | None:
    missing = missing_surfaces(record)
    surfaces: dict[str, list[str]] = {}
    for surface, reason in missing.items():
        surfaces.setdefault(reason, []).append(surface.upper())
    lines = [
        f"{LOOKS[outcome].symbol} {ids(clauses)}: {reason}"
        for outcome in ("not_measured", "not_offered")
        for reason, clauses in by_reason(
            clause for clause in with_outcome(record, outcome) if clause.surface not in missing
        ).items()
    ]
    lines += [f"{LOOKS['not_offered'].symbol} {', '.join(names)}: {reason}" for reason, names in surfaces.items()]
    partly = [clause for clause in with_outcome(record, "passed") if clause.reason]
    lines += [f"✔ {ids(clauses)}: {reason}" for reason, clauses in by_reason(partly).items()]
    return _block("not measured, not offered, notes", lines, "cyan")


def _warnings(record: RunRecord) -> Text | None:
    return _block("warnings", [f"! {warning}" for warning in record.warnings], "yellow")


def _block(title: str, lines: list[str], style: str) -> Text | None:
    if not lines:
        return None
    text = Text(f"{title}\n", style=f"bold {style}")
    for line in lines:
        text.append(f"  {printable(line)}\n", style="not bold default")
    return text
