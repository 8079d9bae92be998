"""The figures of a load run while it goes on."""

from __future__ import annotations

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from pulsegate.harness.loading.run import LoadRun
from pulsegate.reports.measured import band_shares

#: The figures of every run that has them, the most telling first.
_FIRST = (
    "connect",
    "first_token",
    "heartbeat_gap",
    "round_trip",
    "inter_token_gap",
    "fan_out",
    "total",
    "lag",
    "delay",
)


class LiveView:
    """A table that is redrawn in a terminal; elsewhere one line every ten seconds. A context manager."""

    def __init__(self, console: Console, *, quiet: bool) -> None:
        self._console = console
        self._quiet = quiet
        self._live = Live(console=console, auto_refresh=False, transient=True) if console.is_terminal else None
        self._next_line_s = 0.0

    def __enter__(self) -> LiveView:
        if self._live is not None and not self._quiet:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None and not self._quiet:
            self._live.stop()

    def show(self, run: LoadRun) -> None:
        """Show the figures of `run` as they are now."""
        if self._quiet:
            return
        if self._live is not None:
            self._live.update(_screen(run), refresh=True)
        elif run.elapsed_s >= self._next_line_s:
            self._next_line_s = run.elapsed_s + 10
            self._console.print(_headline(run), markup=False, soft_wrap=True)


def _screen(run: LoadRun) -> RenderableType:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("metric")
    for name in ("p50", "p95", "max"):
        table.add_column(name, justify="right")
    table.add_column("excellent / good / degraded")
    tallies = run.totals.tallies
    for name in sorted((name for name in tallies if tallies[name].count), key=_order):
        if _order(name)[0] == len(_FIRST):
            continue
        found = run.totals.metric(name)
        unit = found.unit
        figures = [f"{value:.2f} {unit}" for value in (found.p50, found.p95, found.max)]
        table.add_row(name, *figures, band_shares(found.bands))
    problems = [Text(f"{count} x {problem}", style="red") for problem, count in list(run.totals.problems.items())[:5]]
    doubts = run.totals.doubts.validity(run.totals.counters).reasons
    warnings = [Text(f"doubtful: {doubt}", style="yellow") for doubt in doubts]
    return Group(Text(_headline(run), style="bold"), table, *problems, *warnings)


def _order(name: str) -> tuple[int, str]:
    last = name.rpartition(".")[2]
    return (_FIRST.index(last) if last in _FIRST else len(_FIRST)), name


def _headline(run: LoadRun) -> str:
    totals = run.totals
    job = run.plan.job
    users = sum(sum(second.users.values()) for second in totals.latest.values())
    in_flight = sum(second.in_flight for second in totals.latest.values())
    cpu = max((second.cpu for second in totals.latest.values()), default=0.0)
    parts = [f"{run.elapsed_s:3.0f} of {job.duration_s:.0f} s", f"{users} users", f"{totals.live} live"]
    if in_flight:
        parts.append(f"{in_flight} answers coming")
    parts += [f"{totals.events_per_second()} events/s", f"generator {100 * cpu:.0f} % of a core"]
    return f"{run.plan.scenario}: {', '.join(parts)}"
