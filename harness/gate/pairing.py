"""Running pairs until a look decides: which build goes first is drawn anew for each."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Literal

from pulsegate.harness.errors import CouldNotMeasure
from pulsegate.harness.gate.builds import Build, Running
from pulsegate.harness.gate.comparing import broken_counts, compare_pairs, overall, sentence
from pulsegate.harness.gate.quantities import why_missing
from pulsegate.harness.gate.sequential import Look, looks_of
from pulsegate.harness.gate.workload import Done, Workload, run_once
from pulsegate.harness.record.comparison import Compared, Comparison, Finding, Pair, Planned, RunFigures

#: Pairs that the generator spoiled are measured again, up to this share of the planned ones.
_SPARE_SHARE = 1 / 3
#: What starting a server and a generator takes beside the load itself, until it is known, in seconds.
_OVERHEAD_S = 4.0

Side = Literal["a", "b"]
#: Loads a build that runs, once: by the workload, a seed, and with its logs in a folder.
Load = Callable[[Running, Workload, int, Path], Done]


class _Interrupted(Exception):
    """A run was cut short."""


@dataclass(frozen=True, slots=True)
class PairPlan:
    """What is decided before the first run."""

    pairs: int
    decides: Sequence[str]
    workload: Workload = field(default_factory=Workload)
    seed: int = 0
    #: Whether all that decides must be measured; else what the builds do not offer is left out.
    strict: bool = False
    #: No pair is begun after this long; None for as long as it takes.
    timeout_s: float | None = None

    @property
    def looks(self) -> list[Look]:
        """When it is decided whether to go on."""
        return looks_of(self.pairs)

    def planned(self) -> Planned:
        """The plan, for the record."""
        return Planned(
            pairs=self.pairs,
            looks=[look.pairs for look in self.looks],
            levels=[look.alpha for look in self.looks],
            decides=list(self.decides),
            streams=self.workload.streams,
            rate=self.workload.rate,
            duration_s=self.workload.duration_s,
            seed=self.seed,
        )


class Pairing:
    """Measures pairs of runs of two builds.

    `on_run` is called before each run, with its side; `on_pair` after each pair.
    """

    def __init__(self, plan: PairPlan, a: Build, b: Build, directory: Path, load: Load = run_once) -> None:
        self.plan = plan
        self.builds: dict[Side, Build] = {"a": a, "b": b}
        self.pairs: list[Pair] = []
        self.interrupted = False
        self.on_run: Callable[[Pairing, Side], None] = lambda _pairing, _side: None
        self.on_pair: Callable[[Pairing], None] = lambda _pairing: None
        self._directory = directory
        self._load = load
        #: What fails B before any run: clauses.
        self.known: list[str] = []
        self._random = Random(f"{plan.seed}:order")  # noqa: S311 - no secret
        self._took_s: list[float] = []
        self._problem = ""
        self._began_s = time.monotonic()

    @property
    def used(self) -> list[Pair]:
        """The pairs that count."""
        return [pair for pair in self.pairs if not pair.left_out]

    @property
    def run_s(self) -> float:
        """How long one run takes, with its server: so far, or as expected."""
        known = self._took_s
        return sum(known) / len(known) if known else self.plan.workload.duration_s + _OVERHEAD_S

    def left_s(self, pairs: int) -> float:
        """How long it takes from here until `pairs` pairs count."""
        return max(0, pairs - len(self.used)) * 2 * self.run_s

    def measure(self) -> Comparison:
        """Measure until a look decides, the pairs are used up, or somebody interrupts.

        Raises CouldNotMeasure when a build cannot be loaded from the first pair on; later it ends the
        comparison, which keeps what was measured.
        """
        try:
            while not self._decided():
                self._measure_pair()
                self.on_pair(self)
        except (KeyboardInterrupt, _Interrupted):
            self.interrupted = True
        except CouldNotMeasure as problem:
            if not self.pairs:
                raise
            self._problem = str(problem)
        return self.comparison()

    def _decided(self) -> bool:
        if self.broken or self._overdue:
            return True
        if len(self.pairs) - len(self.used) > max(1, round(_SPARE_SHARE * self.plan.pairs)):
            return True
        look = next((look for look in self.plan.looks if look.pairs == len(self.used)), None)
        if look is None:
            return False
        return look == self.plan.looks[-1] or self._finding(self._quantities(look)) != "open"

    @property
    def _overdue(self) -> bool:
        return self.plan.timeout_s is not None and time.monotonic() - self._began_s > self.plan.timeout_s

    @property
    def broken(self) -> list[str]:
        """What fails B whatever the timing says."""
        return [*self.known, *broken_counts(self.pairs, "b")]

    def _measure_pair(self) -> None:
        number = len(self.pairs) + 1
        order: tuple[Side, Side] = ("a", "b") if self._random.random() < 0.5 else ("b", "a")
        runs = {side: self._run(side, number) for side in order}
        doubts = [f"{side.upper()}: {doubt}" for side in order for doubt in runs[side].doubts]
        self.pairs.append(
            Pair(order="ab" if order[0] == "a" else "ba", a=runs["a"], b=runs["b"], left_out="; ".join(doubts))
        )

    def _run(self, side: Side, number: int) -> RunFigures:
        self.on_run(self, side)
        began_s = time.monotonic()
        logs = self._directory / "logs" / f"{number:02d}-{side}"
        logs.mkdir(parents=True, exist_ok=True)
        try:
            done = self._loaded(side, number, logs)
        except CouldNotMeasure as problem:
            raise type(problem)(f"{side.upper()}: {problem}") from None
        if done.interrupted:
            raise _Interrupted
        self._took_s.append(time.monotonic() - began_s)
        return done.run

    def _loaded(self, side: Side, number: int, logs: Path) -> Done:
        with self.builds[side].running(logs) as running:
            return self._load(running, self.plan.workload, self.plan.seed + number, logs)

    def _quantities(self, look: Look) -> dict[str, Compared]:
        return compare_pairs(self.used, self.plan.decides, look)

    def comparison(self) -> Comparison:
        """What the pairs say at the last look that they have reached: chance gets no look beside the planned."""
        reached = [look for look in self.plan.looks if look.pairs <= len(self.used)]
        used = self.used[: reached[-1].pairs] if reached else self.used
        quantities = compare_pairs(used, self.plan.decides, reached[-1] if reached else self.plan.looks[0])
        broken = self.broken
        finding = self._finding(quantities) if reached or broken else "open"
        runs = [run for pair in used for run in (pair.a, pair.b)]
        fresh = all(build.fresh for build in self.builds.values())
        return Comparison(
            finding=finding,
            sentence=sentence(finding, quantities, broken, f"{len(used)} pairs"),
            a=self.builds["a"].described(),
            b=self.builds["b"].described(),
            planned=self.plan.planned(),
            used=len(used),
            quantities=quantities,
            missing={name: why_missing(name, runs, fresh=fresh) for name in self._unmeasured(quantities)},
            broken=broken,
            remarks=self._remarks(),
            pairs=self.pairs,
        )

    def _finding(self, quantities: dict[str, Compared]) -> Finding:
        found = overall(quantities, self.broken)
        unmeasured = self._unmeasured(quantities)
        wanted = self.plan.strict or any(name in _unsure(self.used) for name in unmeasured)
        return "open" if found == "held" and unmeasured and wanted else found

    def _unmeasured(self, quantities: dict[str, Compared]) -> list[str]:
        return [name for name in self.plan.decides if name not in quantities]

    def _remarks(self) -> list[str]:
        found = [f"A has failures of its own: {count}" for count in broken_counts(self.pairs, "a")]
        left_out = [pair.left_out for pair in self.pairs if pair.left_out]
        if left_out:
            found.append(f"pairs left out, for the generator spoiled them: {len(left_out)}; the first: {left_out[0]}")
        if self._problem:
            found.append(f"the comparison ended early: {self._problem}")
        if self._overdue and len(self.used) < self.plan.pairs:
            found.append(f"the comparison ended after {self.plan.timeout_s:g} s, as --timeout says")
        return found


def _unsure(pairs: Sequence[Pair]) -> set[str]:
    """Figures that some run would have, had the generator been in time."""
    return {name for pair in pairs for run in (pair.a, pair.b) for name in run.unsure}
