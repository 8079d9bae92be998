"""The figures as Markdown tables, readable in a terminal as they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from pathlib import Path

from benchmarks import plan as names
from benchmarks.arithmetic import KERNEL_SLACK_NS, Limit, Sample, ratio
from benchmarks.arrivals import BURST, STALL_S
from benchmarks.heartbeats import HeartbeatCost
from benchmarks.holding import Held
from benchmarks.limits import heartbeat_limits, held_limits, limits, unmeasured
from benchmarks.machine import machine, versions
from benchmarks.plan import Plan
from benchmarks.rounds import Results

BEGIN, END = "<!-- make bench: begin -->", "<!-- make bench: end -->"
_ABSENT = "-"
_UNTOLD = "within the noise"


def render(results: Results, idle_load: float) -> str:
    """Everything, without a date; `idle_load` is the load average before the run."""
    plan = results.plan
    parts = [
        _occasion(plan, idle_load),
        _costs(f"### {plan.streams:,} event streams, an event a second each", results, results.streams),
        _errors(results),
        _costs(f"### {plan.sockets:,} WebSockets, a heartbeat a second each way", results, results.sockets),
        _held(results),
        _relay(results),
        _heartbeats(results),
        _judgements(limits(results)),
        _notes([*(f"failed: {one}" for one in results.failures), *(f"skipped: {one}" for one in results.skipped)]),
        _notes(unmeasured(results)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def render_held(results: Results) -> str:
    """What one worker held, alone."""
    parts = [_held(results), _judgements(held_limits(results)), _notes([f"failed: {one}" for one in results.failures])]
    return "\n\n".join(part for part in parts if part) + "\n"


def render_heartbeats(results: Results) -> str:
    """What heartbeat streams cost their server, alone."""
    failures = _notes([f"failed: {one}" for one in results.failures])
    parts = [_heartbeats(results), _judgements(heartbeat_limits(results)), failures]
    return "\n\n".join(part for part in parts if part) + "\n"


def into_file(text: str, file: Path) -> None:
    """Replace what stands between the marks in `file`, or append it with its marks."""
    section = f"{BEGIN}\n{text}{END}\n"
    old = file.read_text(encoding="utf-8") if file.exists() else "# Performance\n\n"
    before, mark, rest = old.partition(BEGIN)
    after = rest.partition(END)[2].lstrip("\n")
    if not mark:
        before = old.rstrip("\n") + "\n\n"
    file.write_text(before + section + (f"\n{after}" if after else ""), encoding="utf-8")


def _occasion(plan: Plan, idle_load: float) -> str:
    return (
        f"Measured by `make bench` ({plan.name}: medians of {plan.rounds} interleaved rounds) on {machine()}; "
        f"{versions()}. Load average before the run: {idle_load:.1f}."
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---", *("--:" for _ in head[1:])], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _costs(title: str, results: Results, table: dict[str, list[Held]]) -> str:
    reference = names.HTTP_USER.name if names.HTTP_USER.name in table else names.OURS_ONE.name
    rows = []
    for name, rounds in table.items():
        cells = [name]
        for member, digits in (("kb_per_connection", 1), ("us_per_event", 1)):
            sample, other = results.sample(table, name, member), results.sample(table, reference, member)
            cells += [_figure(sample, digits), _times(sample, other)]
        opened, served = results.sample(table, name, "opened_per_s"), results.sample(table, name, "server_cpu")
        rows.append(
            [*cells, _figure(opened, 0), f"{100 * served.median:.0f} %" if served else _ABSENT, _booked(rounds)]
        )
    each = ["kB each", f"/ {reference}", "us CPU per event", f"/ {reference}"]
    head = ["generator", *each, "opened per s", "server CPU", "events booked"]
    return f"{title}\n\n{_table(head, rows)}" if rows else ""


def _figure(sample: Sample | None, digits: int) -> str:
    if sample is None:
        return _ABSENT
    if sample.median <= 0:  # the process gave back more than its connections took
        return _UNTOLD
    return f"{sample.median:,.{digits}f} (±{50 * sample.spread:.0f} %)"


def _booked(rounds: Sequence[Held]) -> str:
    shares = [one.recorded for one in rounds if one.recorded is not None]
    return f"{100 * min(shares):.0f} %" if shares else _ABSENT


def _times(sample: Sample | None, other: Sample | None) -> str:
    return f"{ratio(sample, other):.2f}" if sample and other and sample.median > 0 else _ABSENT


def _errors(results: Results) -> str:
    rows = [[name, _figure(Sample(tuple(values)), 3)] for name, values in results.errors_ms.items()]
    if not rows:
        return ""
    reads, coalesced, outside = (
        sum(getattr(one, member) for one in results.intervals) for member in ("reads", "coalesced", "outside")
    )
    return (
        f"### Error of the reported arrival, generator stalled {1000 * STALL_S:.0f} ms at random\n\n"
        f"{_table(['one event in flight per read', 'p99, ms'], rows)}\n\n"
        f"With {BURST} events of a stream in flight: {coalesced:,} of {reads:,} reads held several; in "
        f"{reads - outside:,} the true arrivals lay in the reported interval (slack {KERNEL_SLACK_NS / 1e6:g} ms)."
    )


def _held(results: Results) -> str:
    found = results.capacity
    if found is None:
        return ""
    verdict = "valid" if found.valid else f"not valid ({'; '.join(found.reasons)})"
    return (
        f"### One worker\n\n{found.streams:,} streams at an event a second for {found.seconds:g} s: "
        f"{found.missing:,} events missing, {found.dropped:,} streams dropped, run {verdict}; opened at "
        f"{found.opened_per_s:,.0f}/s; {100 * found.generator_cpu:.0f} % of a core, "
        f"the server {100 * found.server_cpu:.0f} %."
    )


def _relay(results: Results) -> str:
    found = results.relay
    if found is None:
        return ""
    return (
        f"### The fault-injecting relay\n\n{found.direct_ms:.3f} ms from the server's stamp to a reader directly, "
        f"{found.through_ms:.3f} ms through the relay: {found.added_ms:.3f} ms added at the median. With "
        f"{found.events_per_s:,.0f} events/s through it: {100 * found.cpu:.0f} % of a core "
        f"({found.us_per_event:.1f} us each), {found.busy_through_ms:.2f} ms at the median, "
        f"{found.missing:,} events missing."
    )


def _heartbeats(results: Results) -> str:
    rows = [
        [name, *(_figure(results.sample(results.heartbeats, name, one.name), 1) for one in fields(HeartbeatCost))]
        for name in results.heartbeats
    ]
    head = ["server", "kB per stream", "us CPU per heartbeat", "late, p99 ms"]
    title = f"### {results.plan.heartbeat_streams:,} heartbeat streams of one server process, one a second each"
    return f"{title}\n\n{_table(head, rows)}" if rows else ""


def _judgements(found: Sequence[Limit]) -> str:
    rows = [
        [one.name, f"{one.value:,.3g}" if one.value < 100 else f"{one.value:,.0f}",
         f"{'>=' if one.at_least else '<='} {one.limit:,g}", "kept" if one.kept else "EXCEEDED"]
        for one in found
    ]  # fmt: skip
    return f"### Limits\n\n{_table(['limit', 'measured', 'must be', ''], rows)}" if rows else ""


def _notes(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)
