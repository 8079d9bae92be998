"""A run in the browser as people read it: bands, claims with their intervals, counts, and what the console said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pulsegate.harness.record import BrowserRun, Claim
from pulsegate.reports.measured import band_shares, figure
from pulsegate.reports.safe import printable

#: What the names of metrics mean, the judged ones first.
MEANINGS = {
    "render_time": "render time of an update",
    "render_time.single": "render time, one render an update",
    "memory": "JavaScript heap, collected",
    "memory.unmanaged": "the same without memory management",
    "memory.before": "JavaScript heap before the first question",
    "update_frequency": "state updates a second",
    "update_frequency.single": "the same, one an update",
    "connection_latency": "connection, from request to first event",
    "round_trip": "heartbeat over the socket and back",
    "established": "page asked for until all is connected",
    "frame_interval": "from frame to frame",
    "long_task": "tasks over 50 ms",
    "document_memory": "heap of the document",
    "document_memory.unmanaged": "the same without memory management",
    "nodes": "nodes of the document",
    "nodes.unmanaged": "the same without memory management",
    "script_per_update": "of which script",
    "style_per_update": "of which style",
    "layout_per_update": "of which layout",
}
BAND_STYLES = {"excellent": "green", "good": "yellow", "degraded": "bold red", "": "dim"}
VERDICT_STYLES = {"confirmed": "green", "exceeded": "green", "not reached": "yellow", "not measured": "dim"}
MOST_LINES = 12


def metric_rows(run: BrowserRun) -> Iterator[tuple[str, str, list[str], str, str]]:
    """Name, meaning, unit with count and percentiles, shares of the bands, and the band that is judged."""
    names = [name for name in MEANINGS if name in run.metrics]
    names += [name for name in run.metrics if name not in MEANINGS]
    for name in names:
        one = run.metrics[name]
        figures = [one.unit, *(figure(value) for value in (one.count, one.p50, one.p95, one.max))]
        yield name, MEANINGS.get(name, ""), figures, band_shares(one.bands), run.judged.get(name, "")


def change_words(claim: Claim) -> str:
    """``75 % less (72 to 82)``; why not, where it was not measured."""
    if claim.change is None:
        return claim.reason
    change = claim.change
    word, sign = (claim.direction, 1) if change.value >= 0 else ("less" if claim.direction == "more" else "more", -1)
    low, high = sorted((sign * change.low, sign * change.high))
    return f"{_percent(sign * change.value)} % {word} ({_percent(low)} to {_percent(high)})"


def _percent(value: float) -> str:
    return f"{value:.1f}" if abs(value) < 10 else f"{value:.0f}"


def documented_words(claim: Claim) -> str:
    """``40 to 60 % less``."""
    return f"{claim.documented_low:g} to {claim.documented_high:g} % {claim.direction}"


def verdict_words(claim: Claim) -> str:
    """The word, and whether the interval leaves a doubt about it."""
    doubt = claim.change is not None and not claim.certain
    return f"{claim.verdict}, but its interval reaches beyond" if doubt else claim.verdict


def both_sides(claim: Claim) -> str:
    """``1.00 -> 0.28``: the medians without and with the optimisation."""
    if claim.off is None or claim.on is None:
        return ""
    return f"{figure(claim.off)} → {figure(claim.on)}"


def count_words(run: BrowserRun) -> str:
    """The counts on one line."""
    return ", ".join(f"{count} {name}" for name, count in run.counts.items())


def input_words(run: BrowserRun) -> str:
    """What the page was put through, on one line."""
    return ", ".join(
        f"{name.replace('_per_s', ' a second').replace('_', ' ')}: {count}" for name, count in run.inputs.items()
    )


def console_lines(run: BrowserRun) -> list[str]:
    """What the console said, errors first; of many lines only the first."""
    ordered = sorted(run.console, key=lambda line: line.kind != "error")
    shown = [f"{line.at_ms:7.0f} ms  {line.kind:<7} {line.text}" for line in ordered[:MOST_LINES]]
    return (
        [*shown, f"and {len(ordered) - MOST_LINES} more lines: see the record"] if len(ordered) > MOST_LINES else shown
    )


def browser_report(run: BrowserRun) -> RenderableType:
    """The page's part of a terminal report."""
    parts: list[RenderableType] = [Text(f"{printable(run.page)} in {printable(run.browser)}", style="bold")]
    if run.inputs and run.metrics:
        parts.append(Text(input_words(run), style="dim"))
    if run.metrics:
        parts.append(_metrics(run))
    if any(run.counts.values()):
        parts += [Text(), Text(count_words(run))]
    if run.claims:
        parts += [Text(), _claims(run.claims)]
    parts += [Text(f"! {printable(note)}", style="yellow") for note in run.notes]
    parts += _lines("console", console_lines(run))
    parts += _lines("network errors", run.network_errors[:MOST_LINES])
    return Group(*parts, Text())


def _lines(title: str, lines: Sequence[str]) -> list[RenderableType]:
    if not lines:
        return []
    return [Text(f"\n{title}", style="bold"), *(Text(f"  {printable(line, 300)}") for line in lines)]


def _metrics(run: BrowserRun) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("metric", overflow="fold")
    for title in ("unit", "count", "p50", "p95", "max"):
        table.add_column(title, justify="left" if title == "unit" else "right")
    table.add_column("excellent / good / degraded", justify="right")
    table.add_column("at p95")
    for name, meaning, figures, shares, band in metric_rows(run):
        label = Text(meaning or printable(name))
        table.add_row(label, *figures, shares, Text(band, style=BAND_STYLES[band]))
    return table


def _claims(claims: Sequence[Claim]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for title in ("documented claim", "off → on", "measured (95 % interval)", "documented", "verdict"):
        table.add_column(title, overflow="fold")
    for one in claims:
        verdict = Text(verdict_words(one), style=VERDICT_STYLES[one.verdict])
        table.add_row(
            f"{one.name}: {one.quantity}",
            both_sides(one),
            printable(change_words(one)),
            documented_words(one),
            verdict,
        )
    return table


def browser_markdown(run: BrowserRun | None) -> str:
    """The page's part as Markdown: bands, then claims."""
    if run is None or not (run.metrics or run.claims):
        return ""
    rows = [
        "| metric | unit | count | p50 | p95 | max | excellent / good / degraded | at p95 |",
        "|---|---|--:|--:|--:|--:|---|---|",
    ]
    for name, meaning, figures, shares, band in metric_rows(run):
        rows.append(f"| {_cell(meaning or name)} | {' | '.join(map(_cell, figures))} | {shares} | {band} |")
    blocks = [f"### {_cell(run.page)} in {_cell(run.browser)}", "\n".join(rows)]
    if run.claims:
        lines = [
            "| documented claim | off → on | measured (95 % interval) | documented | verdict |",
            "|---|---|---|---|---|",
        ]
        lines += [
            f"| {one.name}: {one.quantity} | {both_sides(one)} | {_cell(change_words(one))} | {documented_words(one)} "
            f"| {verdict_words(one)} |"
            for one in run.claims
        ]
        blocks.append("\n".join(lines))
    blocks += [count_words(run), *(f"- {_cell(note)}" for note in run.notes)]
    return "\n\n".join(block for block in blocks if block)


def _cell(text: str) -> str:
    escaped = printable(text, 600).replace("\\", "\\\\")
    for mark in "`*_[]<>|#":
        escaped = escaped.replace(mark, f"\\{mark}")
    return " ".join(escaped.split())
