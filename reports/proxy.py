"""A laboratory run as people read it: the grid of configurations and clauses, added latency, findings, patches."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rich.table import Table
from rich.text import Text

from pulsegate.harness.record import Added, ClauseResult, ProxyConfiguration, ProxyFinding, RunRecord
from pulsegate.reports.outcomes import LOOKS
from pulsegate.reports.safe import printable

#: The metric of the first event, and those of an event on its way, the best known first.
FIRST_EVENT = "first_event"
EVENT_METRICS = ("rt.event", "cmp.event", "kit.event", "sse.event")


def judged(block: ProxyConfiguration) -> list[ClauseResult]:
    """The clauses that decide: those of the laboratory. The others are the target's, seen through the proxy."""
    return [] if block.control else [one for one in block.clauses if one.decides]


def configurations(record: RunRecord) -> dict[str, ProxyConfiguration]:
    """The configurations of `record`, without direct access."""
    return {name: block for name, block in record.configurations.items() if not block.control}


def conditions(record: RunRecord) -> str:
    """On which nginx and with which times it was measured; empty where the record does not say."""
    servers = dict.fromkeys(block.server for block in configurations(record).values())
    times = [block.observations.get("times") for block in record.configurations.values() if block.control]
    return "; ".join(filter(None, [*servers, *times]))


def clause_ids(record: RunRecord) -> list[str]:
    """The ids of the grid's columns."""
    return list(dict.fromkeys(one.id for block in configurations(record).values() for one in judged(block)))


def outcomes(block: ProxyConfiguration) -> dict[str, ClauseResult]:
    """The judged clauses by id."""
    return {one.id: one for one in judged(block)}


def event_added(block: ProxyConfiguration) -> Added | None:
    """What is added to an event on its way."""
    return next((block.added[name] for name in EVENT_METRICS if name in block.added), None)


def added_words(added: Added | None) -> str:
    """``+0.8 ms (0.2 to 1.4), x1.2``; empty where nothing was timed."""
    if added is None:
        return ""
    difference, ratio = added.difference, added.ratio
    return (
        f"{_signed(difference.value)} {added.unit} ({_signed(difference.low)} to {_signed(difference.high)}), "
        f"x{short_figure(ratio.value)}"
    )


def _signed(value: float) -> str:
    return f"{'+' if value >= 0 else '-'}{short_figure(abs(value))}"


def short_figure(value: float) -> str:
    """A figure with about three digits."""
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def place_of(finding: ProxyFinding, record: RunRecord) -> str:
    """``file:line``, the file as short as its configuration's folder allows."""
    block = record.configurations.get(finding.config)
    folder = Path(block.file).parent if block else Path()
    file = Path(finding.file)
    shown = file.relative_to(folder) if folder.name and file.is_relative_to(folder) else file
    return f"{shown}:{finding.line}"


def findings_of(record: RunRecord) -> Iterator[tuple[str, list[ProxyFinding]]]:
    """The findings by configuration, the measured ones first."""
    for name in configurations(record):
        found = [one for one in record.findings if one.config == name]
        if found:
            yield name, sorted(found, key=lambda one: one.kind != "measured")


def proxy_table(record: RunRecord) -> Table:
    """The grid for a terminal: one row a configuration, one mark a clause."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("configuration", overflow="fold")
    for clause_id in clause_ids(record):
        table.add_column(clause_id, justify="center")
    for title in ("streams", "first event", "an event on its way"):
        table.add_column(title, overflow="fold")
    for name, block in configurations(record).items():
        found = outcomes(block)
        marks = [_mark(found.get(clause_id)) for clause_id in clause_ids(record)]
        figures = (added_words(block.added.get(FIRST_EVENT)), added_words(event_added(block)))
        table.add_row(Text(printable(name)), *marks, Text(block.buffering), *map(Text, figures))
    return table


def _mark(clause: ClauseResult | None) -> Text:
    look = LOOKS[clause.outcome if clause else "not_measured"]
    return Text(look.symbol, style=look.style)


def proxy_details(record: RunRecord, *, quiet: bool) -> Text:
    """What broke, then the findings with their lines, then the patches."""
    text = Text()
    if told := conditions(record):
        text.append(f"{printable(told)}\n\n", style="dim")
    for name, block in configurations(record).items():
        _tell_failures(text, name, block)
    for name, found in findings_of(record):
        shown = [one for one in found if one.kind == "measured" or not quiet]
        if shown:
            text.append(f"\n{printable(name)}\n", style="bold")
        for one in shown:
            _tell_finding(text, one, record)
    for name, block in configurations(record).items():
        if block.repaired:
            text.append(f"\nrepaired {printable(name)}: {printable(block.repaired)}\n", style="bold")
        if block.patch and not quiet:
            text.append(f"\npatch for {printable(name)}\n", style="bold")
            text.append(printable(block.patch))
    return text


def _tell_failures(text: Text, name: str, block: ProxyConfiguration) -> None:
    for clause in judged(block):
        if clause.outcome == "failed":
            text.append(f"✘ {printable(name)} {clause.id}  ", style="bold red")
            text.append(f"{printable(clause.actual, 400)}\n")
    if block.problem:
        text.append(f"! {printable(name)}: {printable(block.problem)}\n", style="yellow")


def _tell_finding(text: Text, finding: ProxyFinding, record: RunRecord) -> None:
    text.append(f"  {place_of(finding, record)}  ", style="cyan")
    text.append(f"{printable(finding.directive)}\n")
    text.append(f"    {finding.kind}, {finding.clause}: {printable(finding.effect, 400)}\n")
    text.append(f"    {printable(finding.remedy, 600)}\n", style="green")


def proxy_markdown(record: RunRecord) -> str:
    """The grid, the findings and the patches as Markdown."""
    ids = clause_ids(record)
    if not ids:
        return ""
    rows = [
        f"| configuration | {' | '.join(ids)} | streams | first event | an event on its way |",
        f"|---|{':-:|' * len(ids)}---|---|---|",
    ]
    for name, block in configurations(record).items():
        found = outcomes(block)
        marks = [LOOKS[found[one].outcome if one in found else "not_measured"].symbol for one in ids]
        figures = [block.buffering, added_words(block.added.get(FIRST_EVENT)), added_words(event_added(block))]
        rows.append(f"| {_cell(name)} | {' | '.join(marks)} | {' | '.join(figures)} |")
    lines = [
        f"| {_cell(name)} | `{place_of(one, record)}` | `{_cell(one.directive)}` | {one.clause} | {one.kind} "
        f"| {_cell(one.effect)} | {_cell(one.remedy)} |"
        for name, found in findings_of(record)
        for one in found
    ]
    head = [
        "| configuration | line | directive | clause | found by | effect | remedy |",
        "|---|---|---|---|---|---|---|",
    ]
    blocks = ["### Configurations", "\n".join(rows), *filter(None, [_cell(conditions(record))])]
    if lines:
        blocks += ["### Findings", "\n".join([*head, *lines])]
    for name, block in configurations(record).items():
        if block.patch:
            told = f"\n\n{printable(block.repaired)}" if block.repaired else ""
            summary = f"<details><summary>Patch for {_cell(name)}</summary>"
            blocks.append(f"{summary}\n\n~~~~diff\n{printable(block.patch)}~~~~{told}\n\n</details>")
    return "\n\n".join(blocks)


def _cell(text: str) -> str:
    return " ".join(printable(text, 400).replace("|", "\\|").replace("<", "&lt;").replace("`", "'").split())
