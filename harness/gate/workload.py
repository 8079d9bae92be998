"""One run of a comparison: the same open-loop schedule for every build, and the figures that it leaves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from pulsegate.harness.errors import CouldNotMeasure
from pulsegate.harness.figures.validity import FEWER_USERS, LATE_SHARE
from pulsegate.harness.gate.builds import Running
from pulsegate.harness.gate.quantities import figures_of
from pulsegate.harness.loading.capacity import (
    check_descriptors,
    local_ports,
    raise_descriptor_limit,
    source_addresses,
)
from pulsegate.harness.loading.first_look import look_first
from pulsegate.harness.loading.job import Job
from pulsegate.harness.loading.run import LoadPlan, LoadRun
from pulsegate.harness.loading.scenarios import scenario_named
from pulsegate.harness.record import Validity
from pulsegate.harness.record.comparison import RunFigures
from pulsegate.harness.target import Target
from pulsegate.harness.wire.address import parse_address

#: The scenario whose users the runs borrow.
SCENARIO = "mixed"
#: Streams are opened over this share of a run, so that all are held for the rest.
_RAMP_SHARE = 0.4
#: This much of the beginning is in no figure, in seconds: first requests find cold code.
_WARM_UP_S = 1.0
#: A user that asks does so about twice a second, so that no connection decides alone.
_ASKED_BY_ONE = 2.0
#: What to do about a saturated generator, in the options of a comparison.
_FEWER_USERS = "lower --streams and --rate"
#: Fewer readings of the memory at full load tell nothing.
_FEWEST_READINGS = 3


@dataclass(frozen=True, slots=True)
class Workload:
    """What every run does: hold `streams`, send `rate` requests a second when they are due."""

    streams: int = 200
    rate: float = 20.0
    duration_s: float = 10.0

    def users(self, target: Target) -> dict[str, int]:
        """The users for what `target` offers; CouldNotMeasure where that is nothing."""
        classes = scenario_named(SCENARIO).classes
        wanted = {"Streams": self.streams, "Chatters": max(1, round(self.rate / _ASKED_BY_ONE)) if self.rate else 0}
        surfaces = target.profile.surfaces
        users = {name: count for name, count in wanted.items() if count and surfaces.path(classes[name].surface)}
        if not users:
            raise CouldNotMeasure("there is nothing to compare: neither event streams nor completions are offered")
        return users

    def surfaces(self, target: Target) -> set[str]:
        """The surfaces that are loaded."""
        classes = scenario_named(SCENARIO).classes
        return {classes[name].surface for name in self.users(target)}

    def plan(self, target: Target, seed: int) -> LoadPlan:
        """The load of one run: the same `seed`, the same schedule."""
        users = self.users(target)
        total = sum(users.values())
        check_descriptors(total, 1, raise_descriptor_limit())
        job = Job(
            target=target,
            users=users,
            spawn_rate=total / (_RAMP_SHARE * self.duration_s),
            duration_s=self.duration_s,
            warm_up_s=min(_WARM_UP_S, self.duration_s / 10),
            seed=seed,
            rate_per_user=self.rate / users["Chatters"] if "Chatters" in users else None,
            arrivals="constant",
            sources=source_addresses(total, parse_address(target.url).host, local_ports()),
        )
        return LoadPlan(SCENARIO, job)


@dataclass(frozen=True, slots=True)
class Done:
    """One run that is over; `interrupted` where it was cut short."""

    run: RunFigures
    interrupted: bool = False


def run_once(running: Running, workload: Workload, seed: int, logs: Path) -> Done:
    """Load a build that runs, once. Raises CouldNotMeasure when it cannot be loaded."""
    target, _missing = look_first(running.target, workload.surfaces(running.target))
    memory = _Memory(running)
    load = LoadRun(workload.plan(target, seed), logs)
    load.on_look = memory.look
    measured = load.measure()
    sums = load.totals.counters
    # what was sent late is told from the rest, which is sound
    validity = load.totals.doubts.validity(replace(sums, late_sends=0))
    reasons = [reason.replace(FEWER_USERS, _FEWER_USERS) for reason in validity.reasons]
    measured = measured.model_copy(update={"validity": Validity(valid=not reasons, reasons=reasons)})
    sent_late = sums.late_sends > LATE_SHARE * sums.sent
    return Done(figures_of(measured, memory.per_connection_kb(), sent_late=sent_late), load.interrupted)


class _Memory:
    """How much memory a server takes for each connection that it holds."""

    def __init__(self, running: Running) -> None:
        self._read = running.memory
        self._before = self._read() if self._read is not None else 0.0
        self._readings: list[tuple[int, float]] = []

    def look(self, run: LoadRun) -> None:
        """Called about twice a second while the load goes on."""
        if self._read is None:
            return
        with run.lock:
            live = run.totals.live
        with suppress(CouldNotMeasure):  # a server that is gone shows in the counts
            self._readings.append((live, self._read()))

    def per_connection_kb(self) -> float | None:
        """Kilobytes; None where the memory was not read often enough while all connections were held."""
        most = max((live for live, _ in self._readings), default=0)
        full = list(self._at_full_load(most))
        if not most or len(full) < _FEWEST_READINGS:
            return None
        return max(0.0, median(full) - self._before) / most / 1000

    def _at_full_load(self, most: int) -> Iterator[float]:
        return (memory for live, memory in self._readings if live == most)
