"""What a person sees while pairs of runs are measured: a bar with the time left, or one line a pair."""

from __future__ import annotations

from rich.console import Console
from rich.progress import TextColumn

from pulsegate.harness.cli.bar import Bar
from pulsegate.harness.gate.pairing import Pairing, Side
from pulsegate.harness.gate.quantities import QUANTITIES


class PairProgress(Bar):
    """Follows a pairing; a context manager."""

    def __init__(self, console: Console, pairing: Pairing, *, quiet: bool) -> None:
        super().__init__(console, TextColumn("{task.fields[left]}"), quiet=quiet)
        self._task = self._bar.add_task("runs", total=2 * pairing.plan.pairs, left="")
        pairing.on_run = self._begin
        pairing.on_pair = self._end

    def _begin(self, pairing: Pairing, side: Side) -> None:
        number = len(pairing.used) + 1
        self._bar.update(
            self._task,
            completed=2 * len(pairing.used),
            description=f"pair {number} of at most {pairing.plan.pairs}: {side.upper()}",
            left=_left(pairing),
        )

    def _end(self, pairing: Pairing) -> None:
        if self._quiet:
            return
        pair = pairing.pairs[-1]
        changes = [
            f"{QUANTITIES[name].title} {pair.a.figures[name]:.4g} -> {pair.b.figures[name]:.4g} {QUANTITIES[name].unit}"
            for name in pairing.plan.decides
            if name in pair.a.figures and name in pair.b.figures
        ]
        note = f"left out: {pair.left_out}" if pair.left_out else "; ".join(changes)
        self._console.print(
            f"pair {len(pairing.pairs)} ({pair.order.upper()}): {note}; {_left(pairing)}", markup=False, soft_wrap=True
        )


def _left(pairing: Pairing) -> str:
    """How long it takes until the next look, and at most."""
    coming = [look.pairs for look in pairing.plan.looks if look.pairs > len(pairing.used)]
    if not coming:
        return "last look"
    until = [f"next look in {_time(pairing.left_s(coming[0]))}"] if len(coming) > 1 else []
    return ", ".join([*until, f"done in {_time(pairing.left_s(coming[-1]))} at most"])


def _time(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
