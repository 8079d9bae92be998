"""The load figures of a record: one summary line, tables for a terminal of 80 columns, and what spoiled them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pulsegate.harness.record import BandShares, Measured, Metric
from pulsegate.reports.safe import printable
from pulsegate.reports.streams import stream_lines

#: The last parts of metric names, the most telling first.
TELLING = (
    "connect",
    "first_token",
    "heartbeat_gap",
    "round_trip",
    "inter_token_gap",
    "fan_out",
    "reach",
    "update_frequency",
    "total",
    "tokens_per_second",
    "memory",
    "lag",
    "delay",
)
#: These stand behind what was measured of the target's surfaces.
_LAST = ("server", "generator")
#: A report names no more kinds of problems; all of them are in the record.
MOST_PROBLEMS = 12


def in_order(names: Sequence[str]) -> list[str]:
    """Metric names by surface, the most telling first; what is said of server and generator last."""
    return sorted(names, key=_place)


def telling(name: str) -> bool:
    """Whether a metric is among those that are shown first."""
    return name.rpartition(".")[2] in TELLING


def most_telling(names: Iterable[str]) -> list[str]:
    """The telling ones among metric names, the same of all surfaces side by side, the most telling first."""
    return sorted(filter(telling, names), key=lambda name: (TELLING.index(name.rpartition(".")[2]), _place(name)))


def _place(name: str) -> tuple[int, str, int, str]:
    parts = name.split(".")
    at = next((index for index, part in enumerate(parts) if part in TELLING), len(parts) - 1)
    weight = TELLING.index(parts[at]) if at == len(parts) - 1 and parts[at] in TELLING else len(TELLING)
    return (_LAST.index(parts[0]) + 1 if parts[0] in _LAST else 0), ".".join(parts[:at]), weight, name


def measured_table(measured: Measured) -> RenderableType:
    """The summary, one row a metric with its percentiles, the shares in the bands, and what went wrong."""
    parts: list[RenderableType] = [Text(load_summary(measured), style="bold")]
    if measured.metrics:
        columns = ("count", "p50", "p95", "p99", "max")
        parts.append(figures_table(measured.metrics, columns, bands=False, spoiled=measured.spoiled))
    banded = {name: metric for name, metric in measured.metrics.items() if metric.bands is not None}
    if banded:
        parts += [Text(), figures_table(banded, (), bands=True)]
    if lines := stream_lines(measured):
        parts.append(Text("\n".join(["", *map(printable, lines)])))
    said = validity_sentence(measured)
    return Group(*parts, Text(f"{said}\n" if said else ""))


def figures_table(
    metrics: Mapping[str, Metric], columns: Sequence[str], *, bands: bool, spoiled: Mapping[str, int] | None = None
) -> Table:
    """One row a metric: its `columns` (members of Metric), and its shares in the bands if asked for.

    Where samples are `spoiled`, the count says of how many; a metric of which none is known has a row too.
    """
    spoiled = spoiled or {}
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("metric", overflow="fold")
    table.add_column("unit" if columns else "")
    for name in columns:
        table.add_column(name, justify="right")
    for name in BandShares.model_fields if bands else ():
        table.add_column(name if not columns else name[:4], justify="right")
    for name in in_order([*metrics, *(spoiled.keys() - metrics.keys())]):
        metric = metrics.get(name)
        if metric is None:
            table.add_row(name, "", *(known_of(None, spoiled[name]) if one == "count" else "" for one in columns))
            continue
        shares = [f"{100 * share:.1f} %" for _, share in metric.bands] if metric.bands else []
        figures = [
            known_of(metric, spoiled.get(name, 0)) if column == "count" else figure(getattr(metric, column))
            for column in columns
        ]
        table.add_row(name, metric.unit if columns else "", *figures, *(shares if bands else []))
    return table


def known_of(metric: Metric | None, spoiled: int) -> str:
    """How many samples are known, and of how many where some are not."""
    count = metric.count if metric is not None else 0
    return f"{count} of {count + spoiled}" if spoiled else str(count)


def measured_names(measured: Measured) -> list[str]:
    """All metrics of which there was a sample, known or not, in the order of the reports."""
    return in_order([*measured.metrics, *(measured.spoiled.keys() - measured.metrics.keys())])


def lost_metrics(measured: Measured) -> dict[str, str]:
    """By metric that lost most of its samples, a sentence that says what follows from it."""
    found = {}
    for name in measured_names(measured):
        metric, spoiled = measured.metrics.get(name), measured.spoiled.get(name, 0)
        if spoiled > (metric.count if metric is not None else 0):
            known = known_of(metric, spoiled)
            found[name] = f"{name} was not measured: {known} samples are known, so no band and no threshold judges it"
    return found


def figure(value: float) -> str:
    """A figure as it is read at a glance: a whole count, else two places, one above a hundred."""
    if isinstance(value, int):
        return str(value)
    return f"{value:.2f}" if abs(value) < 100 else f"{value:.1f}"


def band_shares(shares: BandShares | None) -> str:
    """Shares as percentages, or nothing where the metric has no bands."""
    if shares is None:
        return ""
    return " / ".join(f"{100 * share:.1f} %" for share in (shares.excellent, shares.good, shares.degraded))


def load_summary(measured: Measured) -> str:
    """One line: which scenario, and what became of its connections and heartbeats."""
    parts = [f"load {measured.scenario}" if measured.scenario else "load"]
    seen, asked, beats = measured.connections, measured.exchanges, measured.heartbeats
    if seen and seen.attempted:
        held = f", peak {seen.peak}, {seen.dropped} dropped" if seen.peak else ""
        parts.append(f"{seen.established} of {seen.attempted} connections{held}")
    if asked:
        coming = f", {asked.unfinished} still coming at the end" if asked.unfinished else ""
        parts.append(f"{asked.completed} of {asked.sent} answers complete, {asked.failed} failed{coming}")
    if copies := measured.fan_out:
        parts.append(f"{copies.received} of {copies.expected} copies received")
    if beats and (beats.received or beats.missed):
        parts.append(f"{beats.received} heartbeats, {beats.missed} missed")
    if limit := measured.limit:
        found = "knee at" if limit.degraded_users is not None else "no band degraded up to"
        parts.append(f"{found} {limit.knee_users} users")
    return "; ".join(parts)


def problem_lines(measured: Measured) -> list[str]:
    """What went wrong how often, the most frequent first, and how many kinds are left out."""
    lines = [f"{count} x {printable(problem)}" for problem, count in list(measured.problems.items())[:MOST_PROBLEMS]]
    more = len(measured.problems) - len(lines)
    return [*lines, f"and {more} more kinds of problems: see the record"] if more > 0 else lines


def validity_sentence(measured: Measured) -> str:
    """What went wrong how often, and whether the generator itself spoiled the run; empty where neither."""
    lines = [*problem_lines(measured), *lost_metrics(measured).values()]
    if not measured.validity.valid:
        lines.append("INVALID, the generator spoiled it: " + "; ".join(measured.validity.reasons))
    return "\n".join(lines)
