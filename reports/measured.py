"""The load figures of a record as a terminal table."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pulsegate.harness.record import BandShares, Measured


def measured_table(measured: Measured) -> RenderableType:
    """Connections, heartbeats, then one row a metric with its percentiles and band shares."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("metric")
    for name in ("unit", "count", "p50", "p95", "p99", "max"):
        table.add_column(name, justify="left" if name == "unit" else "right")
    table.add_column("excellent / good / degraded")
    for name, metric in measured.metrics.items():
        figures = [f"{value:.2f}" for value in (metric.p50, metric.p95, metric.p99, metric.max)]
        table.add_row(name, metric.unit, str(metric.count), *figures, band_shares(metric.bands))
    return Group(Text(load_summary(measured), style="bold"), table, Text(validity_sentence(measured)))


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
        parts.append(f"knee at {limit.knee_users} users")
    return "; ".join(parts)


def validity_sentence(measured: Measured) -> str:
    """Whether the generator itself spoiled the run, and what went wrong how often."""
    lines = [f"{count} x {problem}" for problem, count in measured.problems.items()]
    if not measured.validity.valid:
        lines.append("INVALID, the generator spoiled it: " + "; ".join(measured.validity.reasons))
    return "\n".join(lines) + "\n"
