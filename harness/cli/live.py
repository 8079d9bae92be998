"""The figures of a load run while it goes on."""

from __future__ import annotations

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from pulsegate.harness.figures.metrics import GENERATOR_LAG
from pulsegate.harness.loading.run import LoadRun
from pulsegate.reports.measured import figures_table, telling
from pulsegate.reports.safe import printable

#: So many problems and doubts are shown at once.
MOST_LINES = 5
#: Where there is no terminal, one line this often, in seconds.
LINE_EVERY_S = 5.0


class LiveView:
    """A table that is redrawn in a terminal; elsewhere a plain line every five seconds. A context manager."""

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
            with run.lock:
                screen = _screen(run)
            self._live.update(screen, refresh=True)
        elif run.totals.latest and run.elapsed_s >= self._next_line_s:
            self._next_line_s = run.elapsed_s + LINE_EVERY_S
            with run.lock:
                line = f"{_headline(run)}{_lag(run)}"
            self._console.print(line, markup=False, soft_wrap=True)


def _screen(run: LoadRun) -> RenderableType:
    tallies = run.totals.tallies
    found = {name: run.totals.metric(name) for name in tallies if tallies[name].count and telling(name)}
    problems = [Text(f"{count} x {printable(problem)}", style="red") for problem, count in run.totals.problems.items()]
    doubts = run.totals.doubts.validity(run.totals.counters).reasons
    warnings = [Text(f"doubtful: {doubt}", style="yellow") for doubt in doubts]
    lines = [*problems[:MOST_LINES], *warnings[:MOST_LINES]]
    for line in lines:
        line.no_wrap, line.overflow = True, "ellipsis"
    spoiled = {name: count for name, count in run.totals.spoiled.items() if telling(name)}
    columns = ("count", "p50", "p95", "max") if spoiled else ("p50", "p95", "max")
    table = figures_table(found, columns, bands=True, spoiled=spoiled)
    return Group(Text(_headline(run), style="bold"), table, *lines)


def _headline(run: LoadRun) -> str:
    totals = run.totals
    job = run.plan.job
    users = sum(sum(second.users.values()) for second in totals.latest.values())
    in_flight = sum(second.in_flight for second in totals.latest.values())
    cpu = max((second.cpu for second in totals.latest.values()), default=0.0)
    parts = [f"{run.elapsed_s:3.0f} of {job.duration_s:.0f} s", f"{users} users", f"{totals.live} live"]
    if in_flight:
        parts.append(f"{in_flight} asked")
    sums = totals.counters
    parts += [f"{totals.events_per_second()} events/s", f"{sums.refused + sums.dropped + sums.failed} failed"]
    parts.append(f"CPU {100 * cpu:.0f} %")
    return f"{run.plan.scenario}: {', '.join(parts)}"


def _lag(run: LoadRun) -> str:
    """How late the generators were, which in a terminal is a row of the table."""
    tally = run.totals.tallies.get(GENERATOR_LAG)
    return f", lag p99 {run.totals.metric(GENERATOR_LAG).p99:.2f} ms" if tally and tally.count else ""
