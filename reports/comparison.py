"""What a comparison of two builds found, in words: for a terminal, for Markdown, and shared with the page."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pulsegate.harness.record.comparison import Change, Compared, Comparison, Finding
from pulsegate.reports.outcomes import Look
from pulsegate.reports.safe import printable

LOOKS: dict[Finding, Look] = {
    "worse": Look("✘", "FAIL", "bold red"),
    "held": Look("✔", "PASS", "green"),
    "open": Look("○", "undecided", "cyan"),
}
_COLUMNS = ("", "figure", "A", "B", "unit", "change", "bounds", "allowed", "p (t)", "p (Wilcoxon)", "typical")


def comparison_report(comparison: Comparison) -> RenderableType:
    """The verdict, both builds, one row a figure, and what stands beside them."""
    parts: list[RenderableType] = [
        Text(comparison.sentence, style=LOOKS[comparison.finding].style),
        Text(f"A: {printable(comparison.a.what)}\nB: {printable(comparison.b.what)}\n{basis(comparison)}\n"),
    ]
    if comparison.quantities:
        parts.append(_table(comparison))
    return Group(*parts, Text("".join(f"{line}\n" for line in footnotes(comparison))))


def _table(comparison: Comparison) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for name in _COLUMNS:
        table.add_column(name, justify="left" if name in ("", "figure", "unit") else "right", no_wrap=name != "figure")
    for one in in_order(comparison):
        look = LOOKS[one.finding]
        table.add_row(Text(look.symbol, style=look.style), *cells(one), style="" if one.decides else "dim")
    return table


def in_order(comparison: Comparison) -> list[Compared]:
    """What decides first, and of that what broke."""
    rank = list(LOOKS)
    return sorted(comparison.quantities.values(), key=lambda one: (not one.decides, rank.index(one.finding)))


def cells(one: Compared) -> list[str]:
    """One row, in the order of the columns behind the symbol."""
    return [
        one.title if one.decides else f"{one.title} (advisory)",
        amount(one.a),
        amount(one.b),
        one.unit,
        percent(one.change.value),
        bounds(one.change),
        f"{100 * one.allowed:.0f} %",
        probability(one.p_worse),
        probability(one.p_signed_rank),
        _typical(one.typical),
    ]


def _typical(change: Change | None) -> str:
    if change is None:
        return ""
    known = change.low is not None or change.high is not None
    return percent(change.value) + (f" ({bounds(change)})" if known else "")


def amount(value: float) -> str:
    """A figure with four digits at most."""
    return f"{value:.4g}"


def percent(share: float | None) -> str:
    """A change with its sign; nothing where it is not known."""
    if share is None:
        return "?"
    if abs(share) >= 9.995:
        return f"x{1 + share:.0f}"
    return f"{100 * share:+.1f} %"


def bounds(change: Change) -> str:
    """From where to where a change may lie."""
    return f"{percent(change.low)} to {percent(change.high)}"


def probability(value: float | None) -> str:
    """A p-value as far as it says something."""
    if value is None:
        return ""
    return "< 0.0001" if value < 0.0001 else f"{value:.4f}"


def basis(comparison: Comparison) -> str:
    """What the verdict rests on."""
    plan = comparison.planned
    load = f"{plan.duration_s:g} s with {plan.streams} streams and {plan.rate:g} requests a second, when due"
    if comparison.a.kind == "record":
        return f"{comparison.used} runs of B against a stored record; each {load}"
    looks = ", ".join(str(look) for look in plan.looks)
    return f"{comparison.used} of at most {plan.pairs} pairs in random order, looked at after {looks}; each run {load}"


def footnotes(comparison: Comparison) -> list[str]:
    """What was not measured, what was remarked, and what an undecided figure would have shown."""
    lines = [f"{LOOKS['worse'].symbol} {printable(failure)}" for failure in comparison.broken]
    lines += [f"{LOOKS['open'].symbol} {name} was not measured: {why}" for name, why in comparison.missing.items()]
    lines += [
        f"{LOOKS['open'].symbol} {one.title}: runs scatter by {100 * one.scatter:.1f} %, so that only a change of "
        f"{percent(one.smallest_effect)} or more is seen four times of five"
        for one in in_order(comparison)
        if one.finding == "open" and one.decides and one.smallest_effect is not None
    ]
    return [*lines, *(f"! {printable(remark)}" for remark in comparison.remarks)]


def comparison_markdown(comparison: Comparison) -> str:
    """The same for a pull request. Figures and our own words only; what builds are called is fenced."""
    head = ("", "figure", "A", "B", "change", "bounds", "allowed", "p (t)", "p (Wilcoxon)")
    rows = ["| " + " | ".join(head) + " |", "|---|---|--:|--:|--:|--:|--:|--:|--:|"]
    for one in in_order(comparison):
        title, a, b, unit, *rest = cells(one)
        row = (LOOKS[one.finding].symbol, title, f"{a} {unit}", f"{b} {unit}", *rest[:5])
        rows.append("| " + " | ".join(row) + " |")
    builds = _fenced(f"A: {comparison.a.what}\nB: {comparison.b.what}")
    notes = "\n".join(f"- {_inline(line)}" for line in footnotes(comparison))
    return "\n\n".join(block for block in (builds, f"{basis(comparison)}.", "\n".join(rows), notes) if block)


def _fenced(text: str) -> str:
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}text\n{printable(text)}\n{fence}"


def _inline(text: str) -> str:
    escaped = text.replace("\\", "\\\\")
    for mark in "`*_[]<>|#":
        escaped = escaped.replace(mark, f"\\{mark}")
    return escaped
