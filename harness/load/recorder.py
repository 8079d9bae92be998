"""What a load process has measured so far: one histogram a metric, exact counts, and whether it can be trusted."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

import gevent
from gevent.os import tp_read
from locust.env import Environment

from pulsegate.harness.load.job import given_job, target_for
from pulsegate.harness.record import BandShares, Connections, Heartbeats, Measured, Metric, Validity
from pulsegate.harness.target import Target
from pulsegate.harness.timing.arrival import Arrival
from pulsegate.harness.timing.bands import DOCUMENTED_BANDS, BandCounter, BandLimits
from pulsegate.harness.timing.histogram import Histogram

#: More late reads than this share, and the figures say more about the generator than about the target.
LATE_SHARE = 0.1


class Series:
    """One metric in milliseconds: a histogram, and exact band counts on the raw samples."""

    def __init__(self, limits: BandLimits | None) -> None:
        self._histogram = Histogram()
        self._bands = BandCounter(limits) if limits else None

    def add(self, milliseconds: float) -> None:
        """Count one sample."""
        self._histogram.add(round(milliseconds * 1000))
        if self._bands is not None:
            self._bands.add(milliseconds)

    def metric(self) -> Metric | None:
        """The series as the run record holds it; None without a sample."""
        if not self._histogram.count:
            return None
        shares = self._bands.shares if self._bands is not None else None
        return Metric(
            unit="ms",
            **asdict(self._histogram.summary()),
            bands=BandShares(**asdict(shares)) if shares is not None else None,
            histogram=self._histogram.encode(),
        )


class Recorder:
    """The one recorder of a Locust process."""

    def __init__(self, target: Target, scenario: str) -> None:
        self.target = target
        self.scenario = scenario
        self.connections = Connections()
        self.heartbeats = Heartbeats(expected_interval_s=target.profile.timing.heartbeat_s)
        self.problems: Counter[str] = Counter()
        self.users: Counter[str] = Counter()
        self._live = 0
        self._reads = 0
        self._late_reads = 0
        self._series: dict[str, Series] = {}

    def add(self, name: str, milliseconds: float) -> None:
        """Count one sample of the metric `name`."""
        if name not in self._series:
            limits = DOCUMENTED_BANDS["connection_latency"] if name.endswith(".connect") else None
            own = self.target.profile.bands.get(name)
            if own is not None:
                limits = BandLimits(own.unit, own.excellent, own.good)
            self._series[name] = Series(limits)
        self._series[name].add(max(0.0, milliseconds))

    def read(self, arrival: Arrival) -> None:
        """Count one read and how late it was."""
        self._reads += 1
        self._late_reads += arrival.late
        self.add("generator.lag", arrival.lag_ns / 1e6)

    def opened(self) -> None:
        """A connection lives."""
        self.connections.established += 1
        self._live += 1
        self.connections.peak = max(self.connections.peak, self._live)

    def closed(self, *, dropped: bool) -> None:
        """A connection that lived is over; `dropped` when we did not close it."""
        self._live -= 1
        self.connections.dropped += dropped

    def problem(self, sentence: str) -> None:
        """Count something that went wrong."""
        self.problems[sentence] += 1

    def measured(self) -> Measured:
        """Everything so far."""
        reasons = []
        if self._reads and self._late_reads > LATE_SHARE * self._reads:
            share = 100 * self._late_reads / self._reads
            reasons.append(f"{share:.0f} % of the reads came over 5 ms late: the generator was saturated")
        metrics = {name: series.metric() for name, series in sorted(self._series.items())}
        return Measured(
            scenario=self.scenario,
            users=dict(self.users),
            metrics={name: metric for name, metric in metrics.items() if metric is not None},
            connections=self.connections,
            heartbeats=self.heartbeats,
            problems=dict(self.problems),
            validity=Validity(valid=not reasons, reasons=reasons),
        )


def recorder_of(environment: Environment) -> Recorder:
    """The recorder of this Locust process; made at the first call, and written when Locust quits."""
    recorder: Recorder | None = getattr(environment, "pulsegate_recorder", None)
    if recorder is None:
        scenario = Path(environment.parsed_options.locustfile).stem if environment.parsed_options else "load"
        recorder = Recorder(target_for(environment.host), scenario)
        setattr(environment, "pulsegate_recorder", recorder)  # noqa: B010 - Locust's class has no place for it
        environment.events.quitting.add_listener(_write)  # type: ignore[no-untyped-call]  # Locust's own lack
        if given_job() is not None:
            gevent.spawn(_quit_with_parent, environment)
    return recorder


def _quit_with_parent(environment: Environment) -> None:
    """Whoever started us holds the other end of standard input open for as long as it lives."""
    while tp_read(0, 4096):
        pass
    if environment.runner is not None:
        environment.runner.quit()


def _write(environment: Environment, **_: Any) -> None:
    job = given_job()
    if job is not None and job.record_file is not None:
        job.record_file.write_text(recorder_of(environment).measured().model_dump_json(), encoding="utf-8")
