"""The whole benchmark: interleaved rounds of all generators, then what only ours is asked."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from benchmarks import plan as names
from benchmarks.arithmetic import Containment, Sample
from benchmarks.arrivals import intervals, p99_error_ms
from benchmarks.bands import EXPECTED, share_in_right_band
from benchmarks.capacity import Capacity, capacity, streams_possible
from benchmarks.external import TOOLS_BY_NAME, Tool, hold_sockets
from benchmarks.generators import Generator, Load
from benchmarks.heartbeats import SERVERS, HeartbeatCost, heartbeat_cost
from benchmarks.holding import Held, hold
from benchmarks.plan import Plan
from benchmarks.processes import BenchmarkFailed
from benchmarks.relay import RelayCost, relay_cost

Result = TypeVar("Result")
Key = TypeVar("Key", str, int)


@dataclass
class Results:
    """All figures; what could not be measured stands in `failures` (ours, rivals) or in `skipped` (external tools)."""

    plan: Plan
    streams: dict[str, list[Held]] = field(default_factory=dict)
    sockets: dict[str, list[Held]] = field(default_factory=dict)
    errors_ms: dict[str, list[float]] = field(default_factory=dict)
    intervals: list[Containment] = field(default_factory=list)
    band_shares: dict[int, list[float]] = field(default_factory=dict)
    capacity: Capacity | None = None
    relay: RelayCost | None = None
    heartbeats: dict[str, list[HeartbeatCost]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    def sample(self, table: Mapping[str, Sequence[object]], name: str, member: str) -> Sample | None:
        """One figure of one generator or server over all rounds; None unless it was there in every round."""
        rounds = table.get(name, [])
        return Sample(tuple(getattr(one, member) for one in rounds)) if len(rounds) == self.plan.rounds else None


class Benchmark:
    """Runs a plan; `folder` takes logs and results."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self._folder = folder
        self._steps = 0
        self.results = Results(plan)

    def run(self) -> Results:
        """Measure everything; what fails is noted and the rest goes on."""
        tools = self._tools()
        for _ in range(self.results.plan.rounds):
            self._round(tools)
        self.run_held()
        self.results.relay = self._try("the relay", lambda folder: relay_cost(self.results.plan.relay_s, folder))
        return self.results

    def run_held(self) -> Results:
        """Only what one worker of ours holds."""
        plan = self.results.plan
        load = Load(streams_possible(plan.held_streams), plan.held_rate)
        self.results.capacity = self._try(
            f"{load.connections} streams in one worker",
            lambda folder: capacity(names.OURS_ONE, load, plan.held_s, folder),
        )
        return self.results

    def run_heartbeats(self) -> Results:
        """Only what heartbeat streams cost the server that sends them."""
        for _ in range(self.results.plan.rounds):
            self._heartbeats()
        return self.results

    def _heartbeats(self) -> None:
        plan = self.results.plan
        streams = streams_possible(plan.heartbeat_streams)
        for name in SERVERS:
            measure = partial(heartbeat_cost, name, streams, plan.heartbeat_s)
            self._keep(self.results.heartbeats, name, f"{streams} heartbeat streams of {name}", measure)

    def _round(self, tools: list[Tool]) -> None:
        plan, results = self.results.plan, self.results
        streams, sockets = Load(plan.streams, plan.open_rate), Load(plan.sockets, plan.open_rate // 2)
        for one in names.STREAM_GENERATORS:
            self._keep(results.streams, one.name, f"streams, {one.name}", _holding(one, streams, plan))
        for one in names.SOCKET_GENERATORS:
            self._keep(results.sockets, one.name, f"WebSockets, {one.name}", _holding(one, sockets, plan))
        for tool in tools:
            self._keep(results.sockets, tool.name, f"WebSockets, {tool.name}", _external(tool, sockets, plan))
        for one in (names.HTTP_USER, names.FAST_HTTP_USER, names.OURS_ONE):
            self._keep(results.errors_ms, one.name, f"arrivals, {one.name}", _error(one, plan))
        found = self._try("arrivals, several in flight", lambda to: intervals(names.OURS_ONE, plan.arrivals_s, to))
        if found is not None:
            results.intervals.append(found)
        self._heartbeats()
        for delay_ms in EXPECTED:
            self._keep(results.band_shares, delay_ms, f"band at {delay_ms} ms", _band(delay_ms))

    def _tools(self) -> list[Tool]:
        found = []
        for name, find in TOOLS_BY_NAME.items():
            try:
                found.append(find())
            except BenchmarkFailed as reason:
                self.results.skipped.append(f"{name}: {reason}")
        return found

    def _keep(self, into: dict[Key, list[Result]], key: Key, what: str, measure: Callable[[Path], Result]) -> None:
        found = self._try(what, measure)
        if found is not None:
            into.setdefault(key, []).append(found)

    def _try(self, what: str, measure: Callable[[Path], Result]) -> Result | None:
        self._steps += 1
        sys.stderr.write(f"{what}\n")
        try:
            return measure(self._folder / f"{self._steps:03}")
        except BenchmarkFailed as reason:
            sys.stderr.write(f"  failed: {reason}\n")
            self.results.failures.append(f"{what}: {reason}")
            return None


def _holding(generator: Generator, load: Load, plan: Plan) -> Callable[[Path], Held]:
    return lambda folder: hold(generator, load, plan.window_s, folder)


def _external(tool: Tool, load: Load, plan: Plan) -> Callable[[Path], Held]:
    return lambda folder: hold_sockets(tool, load, plan.window_s, folder)


def _error(generator: Generator, plan: Plan) -> Callable[[Path], float]:
    return lambda folder: p99_error_ms(generator, plan.arrivals_s, folder)


def _band(delay_ms: int) -> Callable[[Path], float]:
    return lambda folder: share_in_right_band(names.OURS_ONE, delay_ms, folder)
