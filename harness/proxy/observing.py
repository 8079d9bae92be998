"""What streams of the target look like through each configuration, beside the same ones directly."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pulsegate.harness.proxy.hearing import Ask, Deadline, Way, listen
from pulsegate.harness.proxy.holding import Heard, Holding, gap_jitter_ms, judge
from pulsegate.harness.record import Added
from pulsegate.harness.statistics.added import added

#: How often the first event is timed by each way.
ROUNDS = 20
#: How long a first event may take, and after how many that did not come a way is left out, in seconds.
FIRST_LIMIT_S = 1.5
PATIENCE = 2
#: A way on which first events took this long in all is known well enough, in ms.
ENOUGH_MS = 3000.0
#: How long whole streams are listened to at most, in seconds.
LISTEN_S = 3.0
#: Directly, a silence this long is taken for the end, in seconds.
QUIET_S = 0.5
#: A way that is held gets this much longer than the direct one, in seconds.
GRACE_S = 0.7
#: Times below this, in ms, are not told from each other: a ratio needs something to divide by.
_LEAST_MS = 0.001


@dataclass(slots=True)
class Timings:
    """What was timed by one way; the direct list has the same length, item by item its pair."""

    through_ms: list[float] = field(default_factory=list)
    direct_ms: list[float] = field(default_factory=list)
    #: Rounds in which no first event came by this way, though it did directly; and those without one directly.
    missing: int = 0
    silent: int = 0
    problem: str = ""

    @property
    def wanted(self) -> bool:
        """Whether more of them would tell more."""
        return max(self.missing, self.silent) < PATIENCE and sum(self.through_ms) < ENOUGH_MS

    def added(self) -> Added | None:
        """What the way adds; None without a pair."""
        return added(self.direct_ms, self.through_ms) if self.through_ms else None


async def time_first_events(
    direct: Way, ways: Sequence[Way], asks: Mapping[str, Ask], *, seed: int, rounds: int = ROUNDS
) -> dict[str, Timings]:
    """Time the first event by every way, one stream at a time, in an order that `seed` shuffles anew each round.

    `asks` holds what is asked by each way, by its name. One that brings nothing is left out soon.
    """
    order = random.Random(seed)  # noqa: S311 - an order, no secret
    timings = {way.name: Timings() for way in ways}
    for _ in range(rounds):
        live = [way for way in ways if timings[way.name].wanted]
        asked = {id(asks[way.name]): asks[way.name] for way in live}
        turn = [*((way, asks[way.name]) for way in live), *((direct, ask) for ask in asked.values())]
        order.shuffle(turn)
        heard = {(way.name, id(ask)): await listen(way, ask, FIRST_LIMIT_S, most=1) for way, ask in turn}
        for way in live:
            _note(timings[way.name], heard[way.name, id(asks[way.name])], heard[direct.name, id(asks[way.name])])
    return timings


def _note(timings: Timings, through: Heard, direct: Heard) -> None:
    if direct.first_ns is None:
        timings.silent += 1
        return
    if through.first_ns is None:
        timings.missing += 1
        timings.problem = timings.problem or through.problem
        return
    timings.through_ms.append(through.first_ns / 1e6)
    timings.direct_ms.append(direct.first_ns / 1e6)


@dataclass(slots=True)
class Listened:
    """What whole streams of one surface told of one way."""

    holdings: list[Holding] = field(default_factory=list)
    jitter_ms: list[float] = field(default_factory=list)
    direct_jitter_ms: list[float] = field(default_factory=list)
    delays: Timings = field(default_factory=Timings)


async def listen_to_streams(direct: Way, ways: Iterable[Way], ask: Ask) -> dict[str, Listened]:
    """The stream of `ask` by all ways at once, so that whatever disturbs one disturbs all."""
    ways = list(ways)
    listened = {way.name: Listened() for way in ways}
    control, *others = await _listen_at_once(direct, ways, ask)
    if control.events and not control.problem:
        for way, heard in zip(ways, others, strict=True):
            _compare(listened[way.name], control, heard)
    return listened


async def _listen_at_once(direct: Way, ways: Sequence[Way], ask: Ask) -> list[Heard]:
    """A way is given up some time after the direct stream has ended, or fallen silent."""
    deadline = Deadline(time.time() + LISTEN_S + GRACE_S)
    control = asyncio.create_task(listen(direct, ask, LISTEN_S, quiet_s=QUIET_S))
    others = [asyncio.create_task(listen(way, ask, deadline)) for way in ways]
    try:
        heard = await control
        deadline.at_s = time.time() + GRACE_S
        return [heard, *await asyncio.gather(*others)]
    finally:
        for task in (control, *others):
            task.cancel()


def _compare(listened: Listened, direct: Heard, through: Heard) -> None:
    listened.holdings.append(judge(direct, through))
    jitters = gap_jitter_ms(direct), gap_jitter_ms(through)
    if jitters[0] is not None and jitters[1] is not None:
        listened.direct_jitter_ms.append(jitters[0])
        listened.jitter_ms.append(jitters[1])
    for one, other in zip(direct.delays_ns, through.delays_ns, strict=False):
        listened.delays.direct_ms.append(max(_LEAST_MS, one / 1e6))
        listened.delays.through_ms.append(max(_LEAST_MS, other / 1e6))
