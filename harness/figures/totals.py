"""What the seconds of all load processes add up to: the figures of a run, while it goes on and at its end."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields

from pulsegate.harness.figures import metrics, streams
from pulsegate.harness.figures.seconds import Counters, Second
from pulsegate.harness.figures.validity import Doubts
from pulsegate.harness.profile import Profile
from pulsegate.harness.record import (
    BandShares,
    Connections,
    Exchanges,
    FanOut,
    Heartbeats,
    Limit,
    Measured,
    Metric,
    Moment,
    Point,
)
from pulsegate.harness.timing.series import Slice, Tally

#: A timeline never has more steps; a longer run has wider ones.
MOST_STEPS = 600
#: What a step counts, by its name in the record: how much these counters grew within it.
_GROWN = {
    "events": ("events",),
    "failed": ("failed", "dropped"),
    "requests_failed": ("failed",),
    "attempts": ("attempted",),
    "interrupted": ("interrupted",),
    "retries": ("retries",),
    "recovered": ("recovered",),
    "lost": ("lost",),
    "repeated": ("repeated",),
    "reordered": ("reordered",),
    "late": ("late",),
    "silent": ("silent",),
    "stalled": ("stalled",),
}


@dataclass
class Step:
    """One step of the timeline, over all processes."""

    warm_up: bool = False
    users: Counter[str] = field(default_factory=Counter)
    live: Counter[str] = field(default_factory=Counter)
    in_flight: Counter[str] = field(default_factory=Counter)
    grown: Counter[str] = field(default_factory=Counter)
    cpu: float = 0.0
    slices: dict[str, list[Slice]] = field(default_factory=lambda: defaultdict(list))

    def add(self, second: Second, before: Counters) -> None:
        """Take one second of one process, whose counters stood at `before` when it began."""
        worker, now = second.worker, second.counters
        self.warm_up = self.warm_up or second.warm_up
        self.users[worker] = sum(second.users.values())
        self.live[worker] = second.live
        self.in_flight[worker] = second.in_flight
        for name, counters in _GROWN.items():
            self.grown[name] += sum(getattr(now, counter) - getattr(before, counter) for counter in counters)
        self.cpu = max(self.cpu, second.cpu)
        for name, part in second.slices.items():
            self.slices[name].append(part)

    def absorb(self, later: Step) -> None:
        """Become one step with the one that follows."""
        self.warm_up = self.warm_up and later.warm_up
        self.users, self.live, self.in_flight = later.users, later.live, later.in_flight
        self.grown.update(later.grown)
        self.cpu = max(self.cpu, later.cpu)
        for name, parts in later.slices.items():
            self.slices[name].extend(parts)


class Totals:
    """Adds up seconds, from any number of processes, in any order of processes."""

    def __init__(self, profile: Profile, scenario: str = "load") -> None:
        self.profile = profile
        self.scenario = scenario
        #: The last second of each process.
        self.latest: dict[str, Second] = {}
        self.tallies: dict[str, Tally] = {}
        #: By metric, how many samples are missing because a generator was too late to know them.
        self.spoiled: Counter[str] = Counter()
        self.doubts = Doubts()
        self._accounts = streams.Accounts()
        self._cuts: Counter[str] = Counter()
        self.peak = 0
        self._ended: set[str] = set()
        self._most_users: dict[str, Counter[str]] = defaultdict(Counter)
        self._steps: dict[int, Step] = {}
        self._width_s = 1

    def add(self, second: Second) -> None:
        """Add one second; RecordError when a histogram in it is damaged."""
        before = self.latest.get(second.worker)
        self.latest[second.worker] = second
        if not second.warm_up:
            for name, part in second.slices.items():
                self.tally(name).add(part)
            self.spoiled.update(second.spoiled)
        self.doubts.add(second)
        self._accounts.add(second)
        self._cuts.update(name for name in second.slices if name.endswith(streams.CUT_IDLE))
        if second.final:
            self._ended.add(second.worker)
        for name, count in second.users.items():
            self._most_users[second.worker][name] = max(count, self._most_users[second.worker][name])
        self._step(second.at).add(second, before.counters if before else Counters())
        self.peak = max(self.peak, self.live)

    def tally(self, name: str) -> Tally:
        """The sums of one metric."""
        if name not in self.tallies:
            self.tallies[name] = Tally(metrics.metric(name, self.profile))
        return self.tallies[name]

    def _step(self, at: int) -> Step:
        if len(self._steps) >= 2 * MOST_STEPS:
            self._widen()
        return self._steps.setdefault(at - at % self._width_s, Step())

    def _widen(self) -> None:
        self._width_s *= 2
        narrow, self._steps = self._steps, {}
        for at in sorted(narrow):
            kept = self._steps.setdefault(at - at % self._width_s, Step())
            kept.absorb(narrow[at])
            for name, parts in kept.slices.items():
                if len(parts) > 1:
                    kept.slices[name] = [self._sum(name, parts).whole()]

    def _sum(self, name: str, parts: Iterable[Slice]) -> Tally:
        tally = Tally(metrics.metric(name, self.profile))
        for part in parts:
            tally.add(part)
        return tally

    @property
    def live(self) -> int:
        """Connections that are open now."""
        return sum(second.live for second in self.latest.values())

    def lost(self) -> list[str]:
        """A sentence for each worker that never said that it had ended."""
        workers = {name: second for name, second in self.latest.items() if second.host and name not in self._ended}
        newest = max((second.at for second in self.latest.values()), default=0)
        return [
            f"{name} on {second.host} was lost: nothing came from it in the last {newest - second.at} s of the run, "
            "and not its end"
            for name, second in sorted(workers.items())
        ]

    @property
    def users(self) -> dict[str, int]:
        """The most users of each class that ran at once."""
        return dict(sum(self._most_users.values(), Counter[str]()))

    @property
    def problems(self) -> dict[str, int]:
        """How often each thing went wrong."""
        return dict(sum((Counter(second.problems) for second in self.latest.values()), Counter[str]()).most_common())

    @property
    def counters(self) -> Counters:
        """What all processes have counted."""
        names = [counter.name for counter in fields(Counters)]
        return Counters(*(sum(getattr(second.counters, name) for second in self.latest.values()) for name in names))

    @property
    def kernel_stamps(self) -> bool:
        """Whether the kernel stamped everything that was received."""
        return all(second.kernel_stamps for second in self.latest.values())

    def events_per_second(self) -> int:
        """Events received within the last step that is over."""
        steps = sorted(self._steps)[-2:]
        return self._steps[steps[0]].grown["events"] // self._width_s if steps else 0

    def mostly_spoiled(self, name: str) -> bool:
        """Whether more samples of a metric are missing than known, so that nothing can be judged by it."""
        return self.spoiled[name] > (self.tallies[name].count if name in self.tallies else 0)

    def metric(self, name: str) -> Metric:
        """One metric as the run record holds it; ValueError when it has no sample."""
        tally = self.tallies[name]
        shares = None if self.mostly_spoiled(name) else tally.shares
        return Metric(
            unit=tally.metric.unit,
            **asdict(tally.summary()),
            bands=BandShares(**asdict(shares)) if shares is not None else None,
            over={f"{limit:g}": count for limit, count in zip(tally.metric.limits, tally.over, strict=True)},
            histogram=tally.histogram.encode(),
        )

    def timeline(self) -> list[Moment]:
        """The run step by step, from its first second."""
        first = min(self._steps, default=0)
        return [self._moment(at - first, self._steps[at]) for at in sorted(self._steps)]

    def _moment(self, at_s: int, step: Step) -> Moment:
        points = {}
        for name, parts in sorted(step.slices.items()):
            summary = self._sum(name, parts).summary()
            points[name] = Point(count=summary.count, p50=summary.p50, p95=summary.p95, max=summary.max)
        return Moment(
            at_s=at_s,
            width_s=self._width_s,
            warm_up=step.warm_up,
            users=step.users.total(),
            live=step.live.total(),
            in_flight=step.in_flight.total(),
            cpu=round(step.cpu, 3),
            metrics=points,
            **step.grown,
        )

    def _most_retries(self) -> int:
        return max((round(step.grown["retries"] / self._width_s) for step in self._steps.values()), default=0)

    def _limit(self) -> Limit | None:
        steps = [step for second in self.latest.values() for step in second.steps]
        if not steps:
            return None
        knee = max((step.users for step in steps if not step.degraded), default=0)
        first = next((step for step in steps if step.degraded), None)
        return Limit(
            knee_users=knee,
            degraded_users=first.users if first else None,
            reason=first.degraded if first else "",
        )

    def measured(self) -> Measured:
        """Everything so far, for the run record."""
        sums = self.counters
        exchanges = Exchanges(
            due=sums.due,
            sent=sums.sent,
            completed=sums.completed,
            failed=sums.failed,
            unfinished=sums.sent - sums.completed - sums.failed,
            chunks=sums.chunks,
            tokens=sums.tokens,
        )
        return Measured(
            scenario=self.scenario,
            users=self.users,
            metrics={name: self.metric(name) for name in sorted(self.tallies)},
            spoiled=dict(sorted(self.spoiled.items())),
            connections=Connections(
                attempted=sums.attempted,
                established=sums.established,
                failed=sums.refused,
                dropped=sums.dropped,
                peak=self.peak,
            ),
            exchanges=exchanges if sums.due else None,
            fan_out=FanOut(expected=sums.expected, received=sums.received) if sums.expected else None,
            heartbeats=Heartbeats(
                received=sums.beats, missed=sums.missed, expected_interval_s=self.profile.timing.heartbeat_s
            ),
            ledger=self._accounts.ledger(sums, streams.what_is_unknown(self.latest.values())),
            reconnects=streams.reconnects(sums, self._most_retries()),
            idleness=streams.idleness(sums, self.tallies, self._cuts, self.profile.timing.heartbeat_s),
            problems=self.problems,
            timeline=self.timeline(),
            limit=self._limit(),
            validity=self.doubts.validity(sums),
        )
