"""What a person sees while a check runs: a live bar on a terminal, one plain line a clause elsewhere."""

from __future__ import annotations

from rich.console import Console
from rich.progress import MofNCompleteColumn
from rich.text import Text

from pulsegate.harness.cli.bar import Bar
from pulsegate.harness.record import ClauseResult
from pulsegate.reports.outcomes import LOOKS, without_surface
from pulsegate.reports.safe import printable


class ProgressListener(Bar):
    """Hears of each clause as it is decided; use as a context manager."""

    def __init__(self, console: Console, *, quiet: bool = False) -> None:
        super().__init__(console, MofNCompleteColumn(), quiet=quiet)
        self._failed = 0
        self._missing: set[tuple[str, str]] = set()
        self._task = self._bar.add_task("checking", total=None)

    def on_start(self, total: int) -> None:
        """`total` clauses are going to be decided."""
        self._bar.update(self._task, total=total)

    def on_clause(self, clause: ClauseResult) -> None:
        """One clause was decided."""
        self._failed += clause.outcome == "failed"
        failures = f", {self._failed} failed" if self._failed else ""
        self._bar.update(self._task, advance=1, description=f"{clause.id}{failures}")
        if self._quiet or self._console.is_terminal:
            return
        look = LOOKS[clause.outcome]
        if clause.outcome == "not_offered":
            self._say_missing(clause)
            return
        reason = clause.actual if clause.outcome == "failed" else clause.reason
        ending = f": {' '.join(printable(reason, 300).split())}" if reason else ""
        self._console.print(
            Text(f"{look.symbol} {clause.id:<9} {look.word:<13} {clause.duration_s:6.2f} s  {clause.title}{ending}")
        )

    def _say_missing(self, clause: ClauseResult) -> None:
        """Name a surface that is not offered, once for each reason."""
        reason = without_surface(clause)
        if (clause.surface, reason) in self._missing:
            return
        self._missing.add((clause.surface, reason))
        look = LOOKS[clause.outcome]
        self._console.print(Text(f"{look.symbol} {clause.surface.upper():<9} {look.word}: {printable(reason, 300)}"))

    def on_note(self, note: str) -> None:
        """Something worth saying while the run goes on."""
        if not self._quiet:
            self._console.print(Text(printable(note)))
