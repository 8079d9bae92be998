"""Carries out a schedule while a load runs, and says afterwards what became of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from math import inf

from pulsegate.harness.chaos.deeds import Hands
from pulsegate.harness.chaos.faults import FAULTS
from pulsegate.harness.chaos.relay import Arrivals
from pulsegate.harness.chaos.relay_process import RelayProcess
from pulsegate.harness.chaos.schedule import Disruption
from pulsegate.harness.errors import CouldNotMeasure
from pulsegate.harness.figures.caused import ONCE, Window, caused
from pulsegate.harness.figures.storm import Drop, storm
from pulsegate.harness.record import DisruptionDone, Moment, Storm

#: How often it is looked whether the load has begun, in seconds.
_LOOK_S = 0.05
#: How long what is under way at the end of the load may take, in seconds.
_FINISH_LIMIT_S = 180.0


@dataclass(slots=True)
class _Act:
    """One disruption under way; moments of the monotonic clock."""

    planned: Disruption
    begun_at: float | None = None
    done_at: float | None = None
    number: int | None = None
    live: int | None = None
    what: str = ""
    problem: str = ""
    over: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True, slots=True)
class Course:
    """What became of a schedule."""

    disruptions: list[DisruptionDone]
    #: For each disruption when it can have caused what; None for one that was not begun.
    windows: list[Window | None]
    #: What dropped streams, by its place among the disruptions, and when the relay saw them asked for.
    drops: dict[int, Drop] = field(default_factory=dict)
    arrivals: Arrivals = field(default_factory=Arrivals)
    #: Why the relay was gone at the end; empty when it was not.
    relay_problem: str = ""

    def told(self, timeline: Sequence[Moment]) -> list[DisruptionDone]:
        """The disruptions, with what each of them caused of what `timeline` counts."""
        found = caused(self.windows, timeline)
        return [one.model_copy(update={"caused": its}) for one, its in zip(self.disruptions, found, strict=True)]

    def storms(self, told: Sequence[DisruptionDone]) -> list[Storm]:
        """The storm after each disruption that dropped streams, given what they caused.

        What was done to the target may have dropped a part of its streams only: where it is one server of several.
        """
        found = []
        for place, drop in self.drops.items():
            dropped = drop.dropped if told[place].harmed is not None else told[place].caused.get("interrupted", 0)
            if dropped:
                one = replace(drop, dropped=min(drop.dropped, dropped), asked_s=self.arrivals.asked_s)
                found.append(storm(one, self.arrivals.attempts, self.arrivals.answers))
        return found

    @property
    def problems(self) -> list[str]:
        """A sentence for each thing that went wrong here: such a run does not show what it was to show."""
        undone = [(one.text, one.problem) for one in self.disruptions if one.problem]
        relay = [self.relay_problem] if self.relay_problem else []
        return [*relay, *(f"the disruption {text} could not be done: {problem}" for text, problem in undone)]


class Conductor:
    """A thread that waits for each moment of `schedule`, and one more for each disruption that takes its time.

    `began_at` tells when the load began, as a moment of the monotonic clock; None while it has not. `connections`
    is how many the load is to open.
    """

    def __init__(
        self,
        schedule: Sequence[Disruption],
        relay: RelayProcess,
        hands: Hands,
        began_at: Callable[[], float | None],
        *,
        stopping: threading.Event,
        connections: int,
    ) -> None:
        self._acts = [_Act(one) for one in schedule]
        self._relay = relay
        self._hands = hands
        self._began_at = began_at
        self._stopping = stopping
        self._connections = connections
        self._zero: float | None = None
        self._under_way: list[threading.Thread] = []
        self._thread = threading.Thread(target=self._conduct, name="disruptions", daemon=True)

    def start(self) -> None:
        """Begin to wait for the load."""
        self._thread.start()

    def _conduct(self) -> None:
        while (zero := self._began_at()) is None:
            if self._stopping.wait(_LOOK_S):
                return
        self._zero = zero
        for act in self._acts:
            if self._stopping.wait(max(0.0, zero + act.planned.at_s - time.monotonic())):
                return
            thread = threading.Thread(target=self._perform, args=(act,), name=act.planned.text, daemon=True)
            self._under_way.append(thread)
            thread.start()

    def _perform(self, act: _Act) -> None:
        planned = act.planned
        act.begun_at = time.monotonic()
        try:
            if planned.of_target:
                act.live = self._relay.streams()
                act.begun_at = time.monotonic()
                act.what = self._hands.do(planned)
                act.done_at = time.monotonic()
            else:
                act.number = self._relay.arm(planned.name, planned.arguments, planned.share)
                act.done_at = time.monotonic() + planned.arguments.get("for_s", 0.0)
        except (CouldNotMeasure, OSError) as problem:
            act.problem = str(problem)
        finally:
            act.over.set()

    def await_first(self, limit_s: float) -> bool:
        """Wait until the first disruption was done or has failed; whether it was, within `limit_s`."""
        return self._acts[0].over.wait(limit_s)

    def finish(self) -> Course:
        """Begin nothing more, wait for what is under way, and tell; to be called when the load is over."""
        over_at = time.monotonic()
        self._stopping.set()
        self._thread.join()
        for thread in self._under_way:
            thread.join(_FINISH_LIMIT_S)
        for act in self._acts:
            self._account(act)
        told, windows = [self._told(act) for act in self._acts], [self._window(act) for act in self._acts]
        return Course(told, windows, self._drops(over_at), *self._seen_by_relay())

    def _seen_by_relay(self) -> tuple[Arrivals, str]:
        """When streams were asked for, and why that is not known."""
        try:
            return self._relay.arrivals(), ""
        except CouldNotMeasure as problem:
            return Arrivals(), str(problem)

    def _account(self, act: _Act) -> None:
        if act.number is None or act.problem:
            return
        try:
            harm = self._relay.harm(act.number)
        except CouldNotMeasure as problem:
            act.problem = str(problem)
            return
        act.live = harm.live
        act.number = harm.done
        act.done_at = max(act.done_at or 0.0, harm.last_s or 0.0)
        act.what = f"{harm.done} of {harm.live} streams were {FAULTS[act.planned.name].did}"
        if harm.done < harm.chosen:
            act.what += f"; {harm.chosen} were chosen, the others gave no occasion for it"

    def _told(self, act: _Act) -> DisruptionDone:
        return DisruptionDone(
            text=act.planned.text,
            name=act.planned.name,
            planned_s=act.planned.at_s,
            begun_s=self._since_zero(act.begun_at),
            done_s=self._since_zero(act.done_at),
            live=act.live,
            harmed=act.number,
            what=act.what if act.begun_at is not None else "the load ended before it",
            problem=act.problem,
        )

    def _window(self, act: _Act) -> Window | None:
        """What was done to the target may meet anybody; a connection is harmed by a fault once."""
        begun_s, done_s = self._since_zero(act.begun_at), self._since_zero(act.done_at)
        if begun_s is None or act.problem:
            return None
        until_s = inf if act.planned.goes_on or done_s is None else done_s
        harmed = None if act.planned.of_target else act.number
        return Window(begun_s, until_s, {name: harmed if name in ONCE else None for name in act.planned.causes})

    def _since_zero(self, moment: float | None) -> float | None:
        return None if moment is None or self._zero is None else round(moment - self._zero, 3)

    def _drops(self, over_at: float) -> dict[int, Drop]:
        dropping = [
            (place, act)
            for place, act in enumerate(self._acts)
            if act.planned.drops and act.begun_at is not None and not act.problem
        ]
        ends = [*(act.begun_at or over_at for _, act in dropping[1:]), over_at][: len(dropping)]
        return {
            place: Drop(
                disruption=act.planned.text,
                dropped=(act.live if act.planned.of_target else act.number) or 0,
                at_s=act.begun_at or 0.0,
                until_s=until,
                planned=self._connections,
                steady_until_s=dropping[0][1].begun_at,
            )
            for (place, act), until in zip(dropping, ends, strict=True)
        }
