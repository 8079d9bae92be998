"""How the number of users changes over a run: Locust load shapes made from the job's plan."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from locust import LoadTestShape

from pulsegate.harness.figures.seconds import Counters
from pulsegate.harness.figures.totals import Totals
from pulsegate.harness.load.session import session_of
from pulsegate.harness.loading.job import FindLimit, Job, Ramp, Spike, Steps, given_job

#: The users to have and the rate at which to get there; None ends the run.
Tick = tuple[int, float] | None


class PlannedShape(LoadTestShape):
    """The base of all shapes: knows the job, and its end."""

    abstract = True
    job: ClassVar[Job]

    @property
    def most(self) -> int:
        """The full number of users."""
        return sum(self.job.users.values())

    def tick(self) -> Tick:
        """Called about once a second by the process that leads the run."""
        at_s: float = self.get_run_time()  # type: ignore[no-untyped-call]  # Locust's own lack
        if at_s >= self.job.duration_s:
            return None
        return self.users_at(at_s)

    @abstractmethod
    def users_at(self, at_s: float) -> Tick:
        """How many users there are to be `at_s` seconds after the beginning."""


class StepsShape(PlannedShape):
    """Equal steps."""

    plan: ClassVar[Steps]

    def users_at(self, at_s: float) -> Tick:
        """One more share of the users for each hold that is over."""
        step = min(self.plan.count, int(at_s / self.plan.hold_s) + 1)
        return max(1, round(self.most * step / self.plan.count)), self.job.spawn_rate


class RampShape(PlannedShape):
    """An even growth."""

    plan: ClassVar[Ramp]

    def users_at(self, at_s: float) -> Tick:
        """In proportion to the time."""
        return max(1, round(self.most * min(1.0, at_s / self.plan.over_s))), self.job.spawn_rate


class SpikeShape(PlannedShape):
    """A few users, all of them in the middle, the few again."""

    plan: ClassVar[Spike]

    def users_at(self, at_s: float) -> Tick:
        """All of them only around the middle of the run."""
        in_spike = abs(at_s - self.job.duration_s / 2) <= self.plan.width_s / 2
        return max(1, self.most if in_spike else round(self.plan.base * self.most)), self.job.spawn_rate


class FindLimitShape(PlannedShape):
    """Raise the load until a band degrades; every step is judged by its own samples."""

    plan: ClassVar[FindLimit]

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Locust's own lack
        self._users = min(self.plan.start, self.most)
        self._step_began_s = 0.0
        self._before: dict[str, list[int]] = {}
        self._failed_before = self._tried_before = 0

    def users_at(self, at_s: float) -> Tick:
        """The next step once one was held and found sound; the end once one was not."""
        runner = self.runner
        spawned = runner is not None and runner.user_count >= self._users
        if not spawned:
            self._step_began_s = at_s
        if at_s - self._step_began_s < self.plan.hold_s:
            return self._users, self.job.spawn_rate
        assert runner is not None
        totals = session_of(runner.environment).totals
        worse, failures = self._degraded(totals), self._failures(totals.counters)
        degraded = failures or worse
        session_of(runner.environment).found_limit(self._users, degraded)
        if degraded or self._users >= self.most:
            return None
        self._users = min(self.most, max(self._users + 1, round(self._users * self.plan.factor)))
        self._step_began_s = at_s
        return self._users, self.job.spawn_rate

    def _degraded(self, totals: Totals) -> str:
        """Which metric degraded since the step before; empty when none did."""
        found = ""
        for name, tally in totals.tallies.items():
            if totals.mostly_spoiled(name):
                continue
            before = self._before.get(name, [0, 0, 0])
            new = [now - then for now, then in zip(tally.bands, before, strict=False)]
            self._before[name] = list(tally.bands)
            if new and sum(new) and new[2] > self.plan.degraded_share * sum(new):
                found = found or f"{name}: {100 * new[2] / sum(new):.0f} % of its samples degraded"
        return found

    def _failures(self, counts: Counters) -> str:
        """How much failed since the step before; empty when it was little. What is refused leaves no sample."""
        failed, tried = counts.refused + counts.dropped + counts.failed, counts.attempted + counts.sent
        new, of = failed - self._failed_before, max(self._users, tried - self._tried_before)
        self._failed_before, self._tried_before = failed, tried
        if new <= self.plan.degraded_share * of:
            return ""
        return f"{new} connections or requests failed"


_SHAPES: dict[type, type[PlannedShape]] = {
    Steps: StepsShape, Ramp: RampShape, Spike: SpikeShape, FindLimit: FindLimitShape,
}  # fmt: skip


def planned_shape() -> type[PlannedShape] | None:
    """The shape of this process's job as a class of its own, for a scenario to name; None without one."""
    job = given_job()
    if job is None or job.shape is None:
        return None
    return type("JobShape", (_SHAPES[type(job.shape)],), {"job": job, "plan": job.shape, "abstract": False})
