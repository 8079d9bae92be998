"""Runs of one build, one after the other: what a baseline holds, and what is held against one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from pulsegate.harness.gate.builds import Build
from pulsegate.harness.gate.sequential import BOUNDARY
from pulsegate.harness.gate.workload import Workload, run_once
from pulsegate.harness.record.comparison import Planned, Repeated, RunFigures


@dataclass
class Repeats:
    """Runs one build so often, one run after the other; `on_run` is called before each with its number."""

    build: Build
    workload: Workload
    count: int
    seed: int = 0
    on_run: Callable[[int], None] = lambda _number: None
    runs: list[RunFigures] = field(default_factory=list)
    interrupted: bool = False

    def measure(self, directory: Path) -> Repeated:
        """The runs that the generator did not spoil, as many as there are when somebody interrupts.

        Raises CouldNotMeasure when the build cannot be loaded.
        """
        try:
            for number in range(1, self.count + 1):
                self.on_run(number)
                self._run(number, directory / "logs" / f"run-{number:02d}")
                if self.interrupted:
                    break
        except KeyboardInterrupt:
            self.interrupted = True
        return Repeated(planned=self._planned(), runs=self.runs)

    def _run(self, number: int, logs: Path) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        with self.build.running(logs) as running:
            done = run_once(running, self.workload, self.seed + number, logs)
        self.interrupted = done.interrupted
        if not done.interrupted:
            self.runs.append(done.run)

    def _planned(self) -> Planned:
        load = self.workload
        return Planned(
            pairs=self.count, looks=[self.count], levels=[BOUNDARY], decides=[], streams=load.streams, rate=load.rate,
            duration_s=load.duration_s, seed=self.seed,
        )  # fmt: skip
