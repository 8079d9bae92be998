"""One load run from its plan to its figures."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from pulsegate.harness.errors import CouldNotMeasure, RecordError
from pulsegate.harness.figures.seconds import Second
from pulsegate.harness.figures.thresholds import broken, thresholds
from pulsegate.harness.figures.totals import Totals
from pulsegate.harness.loading.generators import Cluster, Generators, shipped
from pulsegate.harness.loading.job import Job
from pulsegate.harness.loading.server_memory import MemoryWatch, Process
from pulsegate.harness.record import Measured

#: How long the generators may take beyond the planned time, to start and to stop their users, in seconds.
SLACK_S = 60.0
#: How long until the first figures come at most, in seconds: a master waits for its workers.
START_LIMIT_S = 120.0
#: How often the run is looked at, in seconds.
_LOOK_S = 0.5


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """What to run: a shipped scenario, the job of its generators, and how it is watched."""

    scenario: str
    job: Job
    cluster: Cluster = field(default_factory=Cluster)
    web_ui: int | None = None
    #: End the run as soon as a threshold is broken.
    abort_on_fail: bool = False
    #: The process of the server, where it runs here: its memory is watched.
    server: Process | None = None
    #: The load is ended after this long, whatever it was to last; None for as long as planned.
    timeout_s: float | None = None


class LoadRun:
    """The figures of a run while it goes on."""

    def __init__(self, plan: LoadPlan, directory: Path) -> None:
        self.plan = plan
        self.directory = directory
        self.totals = Totals(plan.job.target.profile, plan.scenario)
        self.thresholds = thresholds(plan.job.target.profile.thresholds)
        self.interrupted = False
        self.aborted = ""
        #: Why the server's memory could not be read, at least once; empty when it could, or nobody asked for it.
        self.memory_problem = ""
        #: Called about twice a second while the run goes on.
        self.on_look: Callable[[LoadRun], None] = lambda _run: None
        #: Held while the figures change.
        self.lock = threading.Lock()
        self._began_s = time.monotonic()
        self._first_second_s = 0.0

    @property
    def elapsed_s(self) -> float:
        """How long the generators have been at work."""
        return time.monotonic() - self._first_second_s if self._first_second_s else 0.0

    @property
    def serves_elsewhere(self) -> bool:
        """Whether the figures are another machine's affair, so that none come here."""
        return self.plan.cluster.role == "worker"

    def measure(self) -> Measured:
        """Run it to its end, or until it is interrupted: what was measured is returned in either case.

        Raises CouldNotMeasure, with the generator's last words, when nothing was measured although
        nobody interrupted it.
        """
        plan = self.plan
        try:
            with Generators(
                shipped(plan.scenario), plan.job, self.directory, self._take, cluster=plan.cluster, web_ui=plan.web_ui
            ) as generators:
                self._run(generators)
        except KeyboardInterrupt:  # before the generators were all started
            self.interrupted = True
        with self.lock:
            limits = dict(self.plan.job.target.profile.thresholds)
            kept = {"thresholds": limits, "broken_thresholds": broken(self.thresholds, self.totals)}
            return self.totals.measured().model_copy(update=kept)

    def _run(self, generators: Generators) -> None:
        with MemoryWatch(self.plan.job.target, self.plan.server, self._take_memory) as memory:
            try:
                self._watch(generators)
            except KeyboardInterrupt:
                self.interrupted = True
            losses = generators.losses()
            generators.stop()
        self.memory_problem = memory.problem
        for loss in losses or self.totals.lost():
            self.totals.doubts.note(loss)
        if not (self.interrupted or (generators.was_dismissed() if self.serves_elsewhere else self._first_second_s)):
            what = "the master did not end this worker" if self.serves_elsewhere else "the load run left no figures"
            raise CouldNotMeasure(f"{what}; its log in {self.directory} ends with: {generators.last_words()}")

    def _take(self, second: Second) -> None:
        with self.lock:
            self._first_second_s = self._first_second_s or time.monotonic()
            self._add(second)

    def _take_memory(self, second: Second) -> None:
        with self.lock:
            if self._first_second_s:
                second.warm_up = self.elapsed_s < self.plan.job.warm_up_s
                self._add(second)

    def _add(self, second: Second) -> None:
        try:
            self.totals.add(second)
        except (RecordError, ValueError) as problem:
            self.totals.doubts.note(f"a second of {second.worker} was lost: {problem}")

    def _watch(self, generators: Generators) -> None:
        while not generators.wait(_LOOK_S):
            self.on_look(self)
            with self.lock:
                problems = broken(self.thresholds, self.totals) if self.plan.abort_on_fail else []
            if problems:
                self.aborted = problems[0]
                return
            if overdue := self._overdue():
                self.totals.doubts.note(overdue)
                return

    def _overdue(self) -> str:
        """Why the run has lasted too long; empty while it has not."""
        duration_s, timeout_s = self.plan.job.duration_s, self.plan.timeout_s
        if timeout_s is not None and self.elapsed_s > timeout_s:
            return f"the load of {duration_s:g} s did not fit into {timeout_s:g} s"
        if self.elapsed_s > duration_s + SLACK_S:
            return f"the generators were not done {SLACK_S:g} s after the planned end"
        silent = not (self._first_second_s or self.serves_elsewhere)
        if silent and time.monotonic() - self._began_s > START_LIMIT_S:
            return f"the generators said nothing for {START_LIMIT_S:g} s"
        return ""


def run_load(plan: LoadPlan, directory: Path) -> Measured:
    """Run `plan` without watching it."""
    return LoadRun(plan, directory).measure()
